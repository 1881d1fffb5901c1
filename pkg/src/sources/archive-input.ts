/**
 * The bytes of an archive, as often as they are wanted: archives are read twice, once for the names and once for the content.
 */

/** An archive: its bytes, a file, a stream that can be read once, or a function that opens it (as often as it is called). */
export type ArchiveInput = Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | (() => ArchiveInput | Promise<ArchiveInput>);

/** Something that can be read from the beginning any number of times. */
export type Reopenable = () => AsyncGenerator<Uint8Array>;

/**
 * Makes an input readable again and again. A stream is kept, compressed as it is, while it is read for the first time.
 */
export function reopenable(input: ArchiveInput): Reopenable {
  if (typeof input === 'function') {
    return async function* () {
      yield* chunks(await input());
    };
  }
  if (input instanceof Uint8Array || input instanceof ArrayBuffer || input instanceof Blob) return () => chunks(input);
  const kept: Uint8Array[] = [];
  let source: AsyncGenerator<Uint8Array> | undefined;
  let ended = false;
  return async function* () {
    source ??= chunks(input);
    for (let index = 0; ; index++) {
      if (index === kept.length) {
        if (ended) return;
        const next = await source.next();
        if (next.done) {
          ended = true;
          return;
        }
        kept.push(next.value);
      }
      const chunk = kept[index];
      if (chunk) yield chunk;
    }
  };
}

/** The bytes of an input that is read once only. */
export async function* chunks(input: ArchiveInput): AsyncGenerator<Uint8Array> {
  if (typeof input === 'function') yield* chunks(await input());
  else if (input instanceof Uint8Array) yield input;
  else if (input instanceof ArrayBuffer) yield new Uint8Array(input);
  else if (input instanceof Blob) yield* streamChunks(input.stream());
  else if (input instanceof ReadableStream) yield* streamChunks(input);
  else yield* input;
}

/** Not every browser can iterate a stream. */
async function* streamChunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The stream of what a generator yields, pulled as it is read. */
export function streamOf(source: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await source.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await source.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
