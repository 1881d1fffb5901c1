/**
 * Instantiates grammar side modules into the engine's memory.
 *
 * A tree-sitter grammar compiled as a wasm shared library (by `grammars/build.mjs`, or any `.wasm` grammar published for web-tree-sitter)
 * states in a `dylink.0` section, or its predecessor `dylink`, how much memory and how many table slots it needs. It is given both inside
 * the engine's own memory and table, and the engine's exports as its C library, so that parser and scanner call each other without
 * JavaScript between them. See "Dynamic Linking" of the WebAssembly tool conventions.
 *
 * A grammar is never unloaded: it goes with the engine's instance. What cannot be linked is refused before it takes any memory.
 */
import { CodequarryError } from './errors.js';

/** What a side module is linked against. Both belong to one instance of the engine; fetch them anew after a reset. */
export interface CoreExports {
  /** The engine's raw exports: what `init()` and `initSync()` of `builder-engine.js` return. */
  readonly exports: object;
  /** The engine's function table: what `functionTable()` of `builder-engine.js` returns. */
  readonly table: WebAssembly.Table;
}

/** What a side module asks for. */
interface Needs {
  memoryBytes: number;
  memoryAlignBytes: number;
  tableSlots: number;
  tableAlignSlots: number;
}

/** A side module that has its place, but is not instantiated yet. */
interface Link {
  imports: WebAssembly.Imports;
  /** Relocates and initialises the instance; returns the address of its `TSLanguage`. */
  start(instance: WebAssembly.Instance): number;
}

type Values = Readonly<Record<string, unknown>>;
type NumberFunction = (...values: number[]) => number;

/** The subsection of `dylink.0` that holds the {@link Needs}. */
const MEM_INFO = 1;
/** Some modules state a smaller alignment than vector instructions like. */
const MIN_ALIGN_BYTES = 16;
/** Far beyond any grammar (the largest known take 12 MB and some 100 slots): larger numbers are damage. */
const MAX_MEMORY_BYTES = 1 << 27;
const MAX_TABLE_SLOTS = 1 << 16;
const MAX_ALIGN_LOG2 = 16;

/**
 * Links a grammar to the engine and initialises it. Bytes are compiled first; a compiled module is used as it is, which is the only way
 * where compiling is forbidden (workerd).
 *
 * @param name the grammar's name, for errors and to choose between several entry points
 * @returns the address of its `TSLanguage`, for `registerGrammar`
 * @throws CodequarryError `GRAMMAR_INVALID` when `source` is not a grammar, or not one that can be linked
 */
export async function loadGrammar(core: CoreExports, name: string, source: WebAssembly.Module | BufferSource): Promise<number> {
  try {
    const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
    const link = prepare(core, name, module);
    return link.start(await WebAssembly.instantiate(module, link.imports));
  } catch (error) {
    throw invalid(name, error);
  }
}

/** {@link loadGrammar} where nothing can be awaited. A browser refuses it for large modules outside of workers. */
export function loadGrammarSync(core: CoreExports, name: string, module: WebAssembly.Module): number {
  try {
    const link = prepare(core, name, module);
    return link.start(new WebAssembly.Instance(module, link.imports));
  } catch (error) {
    throw invalid(name, error);
  }
}

/** Checks the module, takes its memory and table slots, and makes its imports. */
function prepare(core: CoreExports, name: string, module: WebAssembly.Module): Link {
  const provided = core.exports as Values;
  const needs = readNeeds(module);
  const own = new Map(WebAssembly.Module.exports(module).map((item) => [item.name, item.kind]));
  const entry = findEntry(name, own);
  const wanted = WebAssembly.Module.imports(module);
  const missing = wanted.filter((item) => !isProvided(item, provided, own)).map((item) => `${item.module}.${item.name}`);
  if (missing.length > 0) throw problem(`it imports what the engine does not have: ${missing.join(', ')}`, { missing });

  const memoryBase = allocate(provided, needs);
  const tableBase = growTable(core.table, needs);
  const pending: { item: WebAssembly.ModuleImportDescriptor; global: WebAssembly.Global }[] = [];
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = { env: {}, 'GOT.func': {}, 'GOT.mem': {} };
  for (const item of wanted) {
    const space = (imports[item.module] ??= {});
    if (item.module !== 'env') {
      const global = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
      space[item.name] = global;
      pending.push({ item, global });
    } else if (item.name === '__memory_base') {
      space[item.name] = new WebAssembly.Global({ value: 'i32', mutable: false }, memoryBase);
    } else if (item.name === '__table_base') {
      space[item.name] = new WebAssembly.Global({ value: 'i32', mutable: false }, tableBase);
    } else if (item.name === '__indirect_function_table') {
      space[item.name] = core.table;
    } else {
      space[item.name] = provided[item.name] as WebAssembly.ImportValue;
    }
  }

  const start = (instance: WebAssembly.Instance): number => {
    for (const { item, global } of pending) {
      const value: unknown = instance.exports[item.name] ?? provided[item.name];
      if (item.module === 'GOT.func') global.value = addToTable(core.table, value);
      else if (value instanceof WebAssembly.Global) global.value = memoryBase + Number(value.value);
      else throw problem(`${item.name} is not data`);
    }
    for (const step of ['__wasm_apply_data_relocs', '__wasm_call_ctors', '__post_instantiate']) {
      const run: unknown = instance.exports[step];
      if (typeof run === 'function') (run as NumberFunction)();
    }
    return (instance.exports[entry] as NumberFunction)() >>> 0;
  };
  return { imports, start };
}

/** True when an import can be satisfied, by the engine or, through the global offset table, by the module itself. */
function isProvided(item: WebAssembly.ModuleImportDescriptor, provided: Values, own: ReadonlyMap<string, string>): boolean {
  if (item.module === 'GOT.func') return own.get(item.name) === 'function' || typeof provided[item.name] === 'function';
  if (item.module === 'GOT.mem') return own.get(item.name) === 'global';
  if (item.module !== 'env') return false;
  if (item.kind === 'function') return typeof provided[item.name] === 'function';
  if (item.kind === 'memory') return item.name === 'memory';
  if (item.kind === 'table') return item.name === '__indirect_function_table';
  return ['__memory_base', '__table_base', '__stack_pointer'].includes(item.name);
}

/** The exported function that returns the `TSLanguage`: `tree_sitter_<name>`, or the only one that looks like it. */
function findEntry(name: string, own: ReadonlyMap<string, string>): string {
  const entries = [...own]
    .filter(([symbol, kind]) => kind === 'function' && symbol.startsWith('tree_sitter_') && !symbol.includes('_external_scanner_'))
    .map(([symbol]) => symbol);
  const [entry] = entries;
  if (entries.includes(`tree_sitter_${name}`)) return `tree_sitter_${name}`;
  if (entry === undefined || entries.length > 1) throw problem(`it has ${entries.length} entry points`, { entries });
  return entry;
}

function allocate(provided: Values, needs: Needs): number {
  const alloc = provided['codequarry_grammar_alloc'] as NumberFunction;
  const address = alloc(Math.max(needs.memoryBytes, 1), needs.memoryAlignBytes) >>> 0;
  if (address === 0) throw problem(`there are no ${needs.memoryBytes} bytes of memory left for it`);
  return address;
}

function growTable(table: WebAssembly.Table, needs: Needs): number {
  const base = Math.ceil(table.length / needs.tableAlignSlots) * needs.tableAlignSlots;
  table.grow(base - table.length + needs.tableSlots);
  return base;
}

function addToTable(table: WebAssembly.Table, value: unknown): number {
  const slot = table.grow(1);
  table.set(slot, value);
  return slot;
}

/** Reads the section that makes a module a shared library. */
function readNeeds(module: WebAssembly.Module): Needs {
  const [section] = WebAssembly.Module.customSections(module, 'dylink.0');
  if (section !== undefined) {
    const reader = new Reader(section);
    while (!reader.atEnd()) {
      const type = reader.number();
      const end = reader.number() + reader.at;
      if (type === MEM_INFO) return readMemInfo(reader);
      reader.at = end;
    }
    return { memoryBytes: 0, memoryAlignBytes: MIN_ALIGN_BYTES, tableSlots: 0, tableAlignSlots: 1 };
  }
  const [legacy] = WebAssembly.Module.customSections(module, 'dylink');
  if (legacy === undefined) throw problem('it is not a shared library: it has no dylink section');
  return readMemInfo(new Reader(legacy));
}

function readMemInfo(reader: Reader): Needs {
  const memoryBytes = reader.number();
  const memoryAlign = reader.number();
  const tableSlots = reader.number();
  const tableAlign = reader.number();
  const large = memoryBytes > MAX_MEMORY_BYTES || tableSlots > MAX_TABLE_SLOTS;
  if (large || memoryAlign > MAX_ALIGN_LOG2 || tableAlign > MAX_ALIGN_LOG2) {
    throw problem('its dylink section is damaged', { memoryBytes, memoryAlign, tableSlots, tableAlign });
  }
  return { memoryBytes, memoryAlignBytes: Math.max(1 << memoryAlign, MIN_ALIGN_BYTES), tableSlots, tableAlignSlots: 1 << tableAlign };
}

/** Reads the LEB128 numbers of a custom section. */
class Reader {
  /** The offset of the next byte. */
  at = 0;
  private readonly bytes: Uint8Array;

  constructor(section: ArrayBuffer) {
    this.bytes = new Uint8Array(section);
  }

  atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** An unsigned number of at most 32 bits. */
  number(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw problem('its dylink section is damaged');
  }
}

/** A reason for refusing a grammar; {@link invalid} adds which one. */
function problem(reason: string, details?: object): CodequarryError {
  return new CodequarryError('GRAMMAR_INVALID', reason, { details });
}

/** What is thrown for anything that went wrong with a grammar: our own reasons, and the platform's compile and link errors. */
function invalid(name: string, cause: unknown): CodequarryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const details = cause instanceof CodequarryError && typeof cause.details === 'object' ? cause.details : {};
  return new CodequarryError('GRAMMAR_INVALID', `grammar ${name}: ${reason}`, { details: { grammar: name, ...details }, cause });
}
