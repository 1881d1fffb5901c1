/**
 * The entries of a tar, a gzipped tar or a zip, one after the other, in the order in which they are stored. Nothing is trusted: sizes are counted, not believed.
 *
 * A cut or damaged archive yields every entry that is complete and then ends; {@link ArchiveHealth} tells that it did.
 */

import { Gunzip, Unzip, type UnzipFile, UnzipInflate, strFromU8 } from 'fflate';
import { createTarDecoder } from 'modern-tar';
import { concat } from '../bytes.js';
import { crc32 } from '../crc32.js';
import { CodequarryError, toError } from '../errors.js';
import { ARCHIVE_BYTES, ARCHIVE_ENTRIES, INFLATE_STEP_BYTES, SOURCE_FILE_BYTES } from '../limits.js';
import { streamOf } from './archive-input.js';
import { tooLarge } from './tree.js';

/** A file in an archive, under the name that it has there. */
export interface ArchiveEntry {
  name: string;
  /** Absent when there is a problem. */
  bytes?: Uint8Array;
  problem?: { code: string; message: string };
}

/** How an archive ended. */
export interface ArchiveHealth {
  /** What is wrong with it, once its entries are through. */
  error: CodequarryError | undefined;
  /** Whether a checksum over the whole does not fit, so that any of its contents may be wrong. */
  doubtful?: boolean;
}

/** What of an archive is wanted: `names` spares the memory of the contents. */
export type Wanted = 'names' | 'contents';

type Bytes = AsyncGenerator<Uint8Array>;

const TAR_BLOCK_BYTES = 512;

/** What ends a member of a gzip. */
const GZIP_TRAILER_BYTES = 8;

/** The header of a zip's entry, without name and extra field. */
const ZIP_HEADER_BYTES = 30;

/** What of a zip is remembered: a whole header with the longest name and extra field, and what its reader takes at a time. */
const ZIP_RECENT_BYTES = ZIP_HEADER_BYTES + 2 * 0xffff + 2 * INFLATE_STEP_BYTES;

/** The record that ends a zip, without its comment. */
const ZIP_END_BYTES = 22;

/** Where that record begins at the earliest, from the end: its comment has up to 64 KiB. */
const ZIP_TAIL_BYTES = ZIP_END_BYTES + 0xffff;

/**
 * The entries of an archive whose kind its first bytes tell.
 *
 * @throws CodequarryError `ARCHIVE_FORMAT`
 */
export async function* archiveEntries(source: Bytes, wanted: Wanted, health: ArchiveHealth): AsyncGenerator<ArchiveEntry> {
  const head = await peek(source, 4);
  if (startsWith(head.bytes, 0x50, 0x4b, 0x03, 0x04) || startsWith(head.bytes, 0x50, 0x4b, 0x05, 0x06)) {
    yield* zipEntries(head.all, wanted, health);
    return;
  }
  const tar = startsWith(head.bytes, 0x1f, 0x8b) ? gunzip(head.all, health) : head.all;
  const block = await peek(tar, TAR_BLOCK_BYTES);
  if (block.bytes.byteLength === 0 && health.error) return;
  if (!isTarHeader(block.bytes)) throw new CodequarryError('ARCHIVE_FORMAT', 'this is no .tar, .tar.gz, .tgz or .zip');
  yield* tarEntries(block.all, wanted, health);
}

/** At least `length` bytes of the beginning (fewer when it is shorter), and the whole from the start. */
async function peek(source: Bytes, length: number): Promise<{ bytes: Uint8Array; all: Bytes }> {
  const taken: Uint8Array[] = [];
  let size = 0;
  while (size < length) {
    const { done, value } = await source.next();
    if (done) break;
    taken.push(value);
    size += value.byteLength;
  }
  async function* all(): Bytes {
    try {
      yield* taken;
      yield* source;
    } finally {
      await source.return(undefined);
    }
  }
  return { bytes: concat(taken), all: all() };
}

async function* gunzip(source: Bytes, health: ArchiveHealth): Bytes {
  const inflated: Uint8Array[] = [];
  const recent = new Recent(2 * INFLATE_STEP_BYTES);
  let sum = { crc: 0, length: 0 };
  let sound = true;
  const inflater = new Gunzip((chunk) => {
    sum = { crc: crc32(chunk, sum.crc), length: (sum.length + chunk.byteLength) >>> 0 };
    inflated.push(chunk);
  });
  /** Compares with the trailer of a member. */
  const fits = (trailer: Uint8Array): boolean => {
    const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength);
    return trailer.byteLength === GZIP_TRAILER_BYTES && view.getUint32(0, true) === sum.crc && view.getUint32(4, true) === sum.length;
  };
  inflater.onmember = (start) => {
    sound &&= fits(recent.slice(start - GZIP_TRAILER_BYTES, start));
    sum = { crc: 0, length: 0 };
  };
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.byteLength; at += INFLATE_STEP_BYTES) {
        const step = chunk.subarray(at, at + INFLATE_STEP_BYTES);
        recent.push(step);
        inflater.push(step);
        yield* inflated.splice(0);
      }
    }
    const trailer = lastTrailer(inflater);
    inflater.push(new Uint8Array(), true);
    if (trailer === undefined || trailer.byteLength < GZIP_TRAILER_BYTES) health.error = truncated();
    else if (!sound || !fits(trailer)) {
      health.error = archiveError('its checksum does not fit');
      health.doubtful = true;
    }
  } catch (error) {
    if (error instanceof CodequarryError) throw error;
    health.error = archiveError(error);
  }
  yield* inflated.splice(0);
}

/**
 * What there is of the trailer of the last member, or undefined when that has not come to its end: its reader minds neither. It waits for another member then, from place `v` less one
 * of what it has not used.
 */
function lastTrailer(inflater: Gunzip): Uint8Array | undefined {
  const { v: next, p: unused } = inflater as unknown as { v: number; p: Uint8Array };
  return next > 1 ? unused.subarray(next - 1 - GZIP_TRAILER_BYTES, next - 1) : undefined;
}

async function* tarEntries(source: Bytes, wanted: Wanted, health: ArchiveHealth): AsyncGenerator<ArchiveEntry> {
  const budget = new Budget();
  const reader = streamOf(wholeBlocks(source, health)).pipeThrough(createTarDecoder({ strict: true })).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const { header, body } = value;
      budget.entry();
      if (header.type !== undefined && header.type !== 'file') {
        await body.cancel();
        continue;
      }
      if (wanted === 'names') {
        budget.bytes(header.size);
        await body.cancel();
        yield { name: header.name };
        continue;
      }
      const entry = await readTarBody(header.name, header.size, body, budget);
      if (!entry) {
        health.error ??= truncated();
        return;
      }
      yield entry;
    }
  } catch (error) {
    if (error instanceof CodequarryError) throw error;
    health.error ??= archiveError(error);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** A tar is made of whole blocks; one that ends in the middle of a block was cut, which its decoder does not mind between two entries. */
async function* wholeBlocks(source: Bytes, health: ArchiveHealth): Bytes {
  let length = 0;
  for await (const chunk of source) {
    length += chunk.byteLength;
    yield chunk;
  }
  if (length % TAR_BLOCK_BYTES !== 0) health.error ??= truncated();
}

/** Undefined when the archive ends in the middle of it. */
async function readTarBody(name: string, size: number, body: ReadableStream<Uint8Array>, budget: Budget): Promise<ArchiveEntry | undefined> {
  if (size > SOURCE_FILE_BYTES) {
    budget.bytes(size);
    await body.cancel();
    return { name, problem: problemOf(tooLarge(size, SOURCE_FILE_BYTES)) };
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.byteLength;
    budget.bytes(value.byteLength);
  }
  return length < size ? undefined : { name, bytes: concat(parts) };
}

async function* zipEntries(source: Bytes, wanted: Wanted, health: ArchiveHealth): AsyncGenerator<ArchiveEntry> {
  const budget = new Budget();
  const ready: ArchiveEntry[] = [];
  let entries = 0;
  const unzip = new Unzip((file) => {
    entries += 1;
    budget.entry();
    const check = checks.next(file);
    if (!file.name.endsWith('/')) collect(file, wanted, budget, ready, check, health);
  });
  const recent = new Recent(ZIP_RECENT_BYTES);
  const checks = new ZipChecks(recent);
  unzip.register(UnzipInflate);
  let tail: Uint8Array = new Uint8Array();
  try {
    for await (const chunk of source) {
      tail = concat([tail, chunk.subarray(-ZIP_TAIL_BYTES)]).subarray(-ZIP_TAIL_BYTES);
      for (let at = 0; at < chunk.byteLength; at += INFLATE_STEP_BYTES) {
        const step = chunk.subarray(at, at + INFLATE_STEP_BYTES);
        recent.push(step);
        unzip.push(step);
        yield* ready.splice(0);
      }
    }
    unzip.push(new Uint8Array(), true);
    // The reader does not mind a zip that ends between two entries, and passes over an entry whose header it does not know.
    const stated = statedEntries(tail);
    if (stated === undefined) health.error = truncated();
    else if (entries < stated) health.error = archiveError(`${stated - entries} of its ${stated} entries cannot be found`);
  } catch (error) {
    if (error instanceof CodequarryError) throw error;
    health.error = archiveError(error);
  }
  yield* ready.splice(0);
}

/** The number of entries that a zip's last record states (65,535 for that many and more); undefined without one. */
function statedEntries(tail: Uint8Array): number | undefined {
  for (let at = tail.byteLength - ZIP_END_BYTES; at >= 0; at--) {
    const record = tail.subarray(at, at + ZIP_END_BYTES);
    if (startsWith(record, 0x50, 0x4b, 0x05, 0x06)) return (record[10] ?? 0) | ((record[11] ?? 0) << 8);
  }
  return undefined;
}

/** Gathers one file of a zip and puts it into `ready` when it is complete. */
function collect(file: UnzipFile, wanted: Wanted, budget: Budget, ready: ArchiveEntry[], fits: (crc: number) => boolean, health: ArchiveHealth): void {
  if (wanted === 'names') {
    ready.push({ name: file.name });
    return;
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  let crc = 0;
  let over = false;
  file.ondata = (error, chunk, final) => {
    if (error) {
      ready.push({ name: file.name, problem: { code: 'UNREADABLE', message: `damaged in the archive: ${error.message}` } });
      file.ondata = () => {};
      return;
    }
    length += chunk.byteLength;
    crc = crc32(chunk, crc);
    budget.bytes(chunk.byteLength);
    over ||= length > SOURCE_FILE_BYTES;
    if (over) parts.length = 0;
    else parts.push(chunk);
    if (!final) return;
    if (over) ready.push({ name: file.name, problem: problemOf(tooLarge(length, SOURCE_FILE_BYTES)) });
    else if (length !== (file.originalSize ?? length)) ready.push({ name: file.name, problem: { code: 'UNREADABLE', message: 'damaged in the archive: its length is another one than stated' } });
    else if (!fits(crc)) {
      health.error ??= archiveError('the checksum of an entry does not fit');
      ready.push({ name: file.name, problem: { code: 'UNREADABLE', message: 'damaged in the archive: its checksum does not fit' } });
    } else ready.push({ name: file.name, bytes: concat(parts) });
  };
  try {
    file.start();
  } catch (error) {
    ready.push({ name: file.name, problem: { code: 'UNREADABLE', message: toError(error).message } });
  }
}

/** The last bytes of a stream, by their place in it. */
class Recent {
  readonly #limit: number;
  #steps: Uint8Array[] = [];
  #length = 0;
  /** Bytes that came so far. */
  end = 0;

  /** @param limit bytes that are kept at least */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(step: Uint8Array): void {
    this.#steps.push(step);
    this.#length += step.byteLength;
    this.end += step.byteLength;
    for (let [first] = this.#steps; first && this.#length - first.byteLength >= this.#limit; [first] = this.#steps) {
      this.#steps.shift();
      this.#length -= first.byteLength;
    }
  }

  /** Bytes `from..to` of the stream, as far as they are kept. */
  slice(from: number, to = this.end): Uint8Array {
    const start = this.end - this.#length;
    const whole = concat(this.#steps);
    return whole.subarray(Math.max(0, from - start), Math.max(0, to - start));
  }
}

/** Finds the checksums of a zip's entries, which its reader does not tell: in the header before an entry, or in the descriptor behind it. */
class ZipChecks {
  readonly #recent: Recent;
  /** Where the header of the next entry begins at the earliest. */
  #from = 0;

  constructor(recent: Recent) {
    this.#recent = recent;
  }

  /** Whether a checksum is that of an entry, whose header has just been read. */
  next(file: UnzipFile): (crc: number) => boolean {
    const bytes = this.#recent.slice(this.#from);
    const start = this.#recent.end - bytes.byteLength;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = bytes.indexOf(0x50); at >= 0 && at + ZIP_HEADER_BYTES <= bytes.byteLength; at = bytes.indexOf(0x50, at + 1)) {
      if (view.getUint32(at, true) !== 0x04034b50) continue;
      const flags = view.getUint16(at + 6, true);
      const nameEnd = at + ZIP_HEADER_BYTES + view.getUint16(at + 26, true);
      if (strFromU8(bytes.subarray(at + ZIP_HEADER_BYTES, nameEnd), !(flags & 0x800)) !== file.name) continue;
      const data = start + nameEnd + view.getUint16(at + 28, true);
      const stated = view.getUint32(at + 14, true);
      this.#from = data + (flags & 8 ? 0 : (file.size ?? 0));
      return flags & 8 ? (crc) => this.#describes(data, crc) : (crc) => crc === stated;
    }
    return () => false;
  }

  /** Whether a descriptor with this checksum has come since. */
  #describes(from: number, crc: number): boolean {
    const bytes = this.#recent.slice(from);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = bytes.lastIndexOf(0x50); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(0x50, at - 1)) {
      if (at + 8 <= bytes.byteLength && view.getUint32(at, true) === 0x08074b50 && view.getUint32(at + 4, true) === crc) return true;
    }
    return false;
  }
}

/** Counts what an archive has brought, and ends it when it is a bomb. */
class Budget {
  #entries = 0;
  #bytes = 0;

  entry(): void {
    if (++this.#entries > ARCHIVE_ENTRIES) throw new CodequarryError('ARCHIVE_LIMIT', `the archive has more than ${ARCHIVE_ENTRIES} entries`);
  }

  bytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > ARCHIVE_BYTES) throw new CodequarryError('ARCHIVE_LIMIT', `the archive unpacks to more than ${ARCHIVE_BYTES} bytes`);
  }
}

/** A tar header carries the sum of its own bytes. An archive of no entry at all begins with a block of zeros. */
function isTarHeader(block: Uint8Array): boolean {
  if (block.byteLength < TAR_BLOCK_BYTES) return false;
  let sum = 0;
  for (let at = 0; at < TAR_BLOCK_BYTES; at++) sum += at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
  if (sum === 8 * 0x20) return true;
  const stated = String.fromCharCode(...block.subarray(148, 156)).replace(/[\0 ]+$/, '');
  return Number.parseInt(stated.trim(), 8) === sum;
}

function startsWith(bytes: Uint8Array, ...magic: number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

function problemOf(error: CodequarryError): { code: string; message: string } {
  return { code: error.code, message: error.message };
}

function truncated(): CodequarryError {
  return new CodequarryError('ARCHIVE_TRUNCATED', 'the archive ends in the middle; what came before was read');
}

/** fflate says that its input ended early, or that it is wrong. */
function archiveError(error: unknown): CodequarryError {
  const { message } = toError(error);
  if (/EOF|truncated|invalid zip data/i.test(message)) return truncated();
  return new CodequarryError('ARCHIVE_DAMAGED', `the archive is damaged (${message}); what came before was read`, { cause: error });
}
