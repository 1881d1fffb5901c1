/** The Worker over a KV that refuses as often as it is told to: `/busy?times=2` makes the next two reads of parts fail as a 429 does. */
import { engine } from '../../worker/src/module.js';
import { createWorker } from '../../worker/src/worker.js';

const worker = createWorker<Env>(engine);
let refusals = 0;

export default {
  async fetch(request, env, context): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/busy') {
      refusals = Number(url.searchParams.get('times'));
      return Response.json({ refusals });
    }
    const get = async (key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null> => {
      if (refusals > 0 && key.includes('.part')) {
        refusals -= 1;
        throw new Error('KV GET failed: 429 Too Many Requests');
      }
      return env.SNAPSHOT.get(key, type);
    };
    const busy = { ...env, SNAPSHOT: { get } as unknown as KVNamespace };
    return (await worker.fetch?.(request as never, busy, context)) as Response;
  },
} satisfies ExportedHandler<Env>;
