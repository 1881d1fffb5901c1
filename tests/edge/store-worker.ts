/** The store of a Durable Object, with every case that a store has to pass. Only for tests. */
import { EdgeStore } from 'codequarry';
import { storeCases } from 'codequarry/store-conformance';

export class StoreOwner implements DurableObject {
  readonly #storage: DurableObjectStorage;

  constructor(state: DurableObjectState) {
    this.#storage = state.storage;
  }

  async fetch(request: Request): Promise<Response> {
    const name = new URL(request.url).searchParams.get('case');
    const found = storeCases.find((known) => known.name === name);
    if (!found) return Response.json(storeCases.map((known) => known.name));
    await this.#storage.deleteAll();
    try {
      await found.run(async () => new EdgeStore(this.#storage));
      return new Response('passed');
    } catch (error) {
      return new Response(String(error instanceof Error ? error.stack : error), { status: 500 });
    }
  }
}

export default {
  fetch: (request, env) => env.OWNER.get(env.OWNER.idFromName('cases')).fetch(request),
} satisfies ExportedHandler<{ OWNER: DurableObjectNamespace }>;
