/**
 * CRC-32 as in gzip, zip and PNG (reflected, polynomial 0xEDB88320). Eight bytes a step: some runtimes have none of their own.
 */

const SLICES = 8;

/** Table `slice` carries a byte over `slice` further zero bytes. */
const TABLES: Uint32Array[] = [];
for (let slice = 0; slice < SLICES; slice++) {
  const before = TABLES[slice - 1];
  TABLES.push(
    Uint32Array.from({ length: 256 }, (_, byte) => {
      if (before) return (before[byte]! >>> 8) ^ TABLES[0]![before[byte]! & 0xff]!;
      let value = byte;
      for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
      return value;
    }),
  );
}
const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];

/**
 * The CRC-32 of bytes.
 *
 * @param before that of what comes before them. Default: nothing does
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  let at = 0;
  const whole = bytes.byteLength - (bytes.byteLength % SLICES);
  for (; at < whole; at += SLICES) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      T7[crc & 0xff]! ^
      T6[(crc >>> 8) & 0xff]! ^
      T5[(crc >>> 16) & 0xff]! ^
      T4[crc >>> 24]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
  }
  for (; at < bytes.byteLength; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
