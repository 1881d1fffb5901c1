/** Pieces, one behind the other, in memory of their own. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** A port that is closed: what is sent to it is gone. */
let nobody: MessagePort | undefined;

/**
 * Gives memory back at once that holds nothing but these bytes, which nobody may use any more. Left to the garbage collector it stays for long: the collector sees a small
 * object, and of many such the process keeps its largest size.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (bytes.byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  if ('transfer' in buffer && typeof buffer.transfer === 'function') buffer.transfer(0);
  else if (typeof MessageChannel === 'function') {
    // Where buffers know no `transfer` (Node 20).
    if (!nobody) {
      nobody = new MessageChannel().port1;
      nobody.close();
    }
    nobody.postMessage(undefined, [buffer]);
  }
}
