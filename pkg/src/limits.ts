/**
 * Every bound of the JavaScript side, with its unit and its reason. The engine keeps its own.
 */

/** Source bytes of a batch, which becomes one segment, at most but for its last file. Large enough that segments are few, small enough that a batch in each worker fits a phone. */
export const BATCH_BYTES = 8 * 1024 * 1024;

/** The same of the first batch of a run; each later one is twice as large as the one before. */
export const FIRST_BATCH_BYTES = 2 * 1024 * 1024;

/** Batches that are made of what is left when the files end, a power of two: halved as long as they would be too small. With those on the way to the largest they are fewer than the eight of a tier that are merged. */
export const LAST_BATCHES = 4;

/** Source bytes of such a batch, where there are several, at least: less is built by one builder in the time that another one takes to start. */
export const LAST_BATCH_BYTES = 512 * 1024;

/** Files in a batch at most, whatever their size: bounds the reports of one reply. */
export const BATCH_FILES = 20_000;

/** Builders at most. More parse no faster than the coordinator can read. */
export const POOL_MAX = 8;

/** Linear memory, in bytes, above which a builder is replaced after its batch: it never shrinks by itself. */
export const WORKER_MEMORY_BYTES = 256 * 1024 * 1024;

/** Milliseconds without a sign of life after which a builder counts as hung. A file's parse is bounded by the engine far below this. */
export const BUILDER_STALL_MS = 120_000;

/** The same while a file is waited for by name, because a builder hung before. */
export const FILE_STALL_MS = 30_000;

/** Files between two signs of life while a batch is searched for those that break builders. */
export const SCOUT_PROGRESS_FILES = 16;

/** Milliseconds that a host's own embedder may take for one batch, when it does not say. */
export const EMBED_STALL_MS = 60_000;

/** Milliseconds that a host's tokenizer may take to be loaded, and for one text, when the host does not say. */
export const TOKENIZER_STALL_MS = 30_000;

/** Texts in one call of a host's own embedder, when it does not say. */
export const EMBED_BATCH = 64;

/** Milliseconds between two progress messages of one builder. */
export const PROGRESS_MS = 80;

/** Bytes of one file that a source reads into memory at most. The engine refuses files far below this. */
export const SOURCE_FILE_BYTES = 64 * 1024 * 1024;

/** Uncompressed bytes of one archive at most: a bomb ends here, a monorepo does not. */
export const ARCHIVE_BYTES = 4 * 1024 * 1024 * 1024;

/** Entries of one archive at most. */
export const ARCHIVE_ENTRIES = 1_000_000;

/** Compressed bytes that are inflated at a time: DEFLATE expands at most 1,032 times, so this bounds one step to 16 MiB. */
export const INFLATE_STEP_BYTES = 16 * 1024;

/** Files that a folder source reads ahead of its consumer. */
export const READ_AHEAD_FILES = 16;

/** Files, and their bytes, that are compared with the index in one message. */
export const SCREEN_FILES = 256;
/** See {@link SCREEN_FILES}. */
export const SCREEN_BYTES = 1024 * 1024;

/** Blobs that are read from a store at the same time. */
export const STORE_PARALLEL = 8;

/** Milliseconds that a blob no manifest names is kept: a writer that has put it may be about to name it. */
export const ORPHAN_GRACE_MS = 60 * 60 * 1000;

/** Tries to open a snapshot that another writer changes meanwhile. */
export const OPEN_TRIES = 3;

/** Bytes of one value in Workers KV at most (the platform allows 25 MiB). */
export const KV_VALUE_BYTES = 24 * 1024 * 1024;

/** Bytes of the segments of a snapshot from which `publish` puts them into Workers KV in parts: below, an isolate holds them whole for as long as it lives. */
export const KV_PARTS_ABOVE_BYTES = 20 * 1000 * 1000;

/**
 * Bytes of such a part. Reads are what costs in KV, and what a request may have fifty of on the free plan; bytes are not. A larger part answers more than one need, a smaller one fills the
 * cache with less that is not needed.
 */
export const KV_PART_BYTES = 512 * 1024;

/** Bytes of values that are uploaded in one go. */
export const KV_BULK_BYTES = 24 * 1024 * 1024;

/** Bytes of one piece of a `.cq` archive at most: what a reader holds compressed and inflated at the same time. */
export const ARCHIVE_FRAME_BYTES = 1024 * 1024;

/** Bytes of one entry of a `.cq` archive that are read into memory at most. Segments are kept far below this. */
export const ARCHIVE_ENTRY_BYTES = 256 * 1024 * 1024;

/** Bytes of a snapshot from which one that is far away is opened in parts: below, the first answer would fetch most of it anyway. */
export const PARTIAL_BYTES = 4 * 1024 * 1024;

/** First bytes of a segment that are fetched at once: its contents, and of a small one all that stays in memory. */
export const SEGMENT_HEAD_BYTES = 64 * 1024;

/** Fetched parts of segments that are kept, in bytes. */
export const PART_CACHE_BYTES = 32 * 1024 * 1024;

/** Bytes of vectors that are fetched at a time, where somebody watches: what progress and giving up are measured by. */
export const VECTOR_PIECE_BYTES = 512 * 1024;

/** Bytes between two ranges that are fetched with them rather than asked for apart, where one request may name many ranges: what naming one costs. */
export const RANGE_GAP_BYTES = 256;

/** The same where each range is a request. */
export const REQUEST_GAP_BYTES = 64 * 1024;

/** Bytes that are asked for together up to which gaps of more than {@link RANGE_GAP_BYTES} are fetched with them where each range is a request, the smallest first. */
export const REQUEST_FILL_BYTES = 88 * 1024;

/** The same for the first answer of a reader, which is asked for the most, and waits for connections, too. */
export const FIRST_FILL_BYTES = 140 * 1024;

/** Bytes of a manifest that are asked for when it is learned whether a server sends several ranges in one reply: of most manifests all. */
export const MANIFEST_PROBE_BYTES = 64 * 1024;

/** Ranges of one request: servers refuse very many. */
export const RANGES_PER_REQUEST = 64;

/** Times that parts are fetched for one answer; an honest one takes six. */
export const PART_ROUNDS = 32;

/** Tries to fetch a part, and the milliseconds before the second; each later one waits twice as long. */
export const PART_TRIES = 4;
/** See {@link PART_TRIES}. */
export const PART_RETRY_MS = 200;

/** Bytes of a segment up to which it is kept in memory until the next write of the manifest; a larger one is written when it comes. */
export const SMALL_SEGMENT_BYTES = 256 * 1024;

/** Bytes of segments in memory that wait for the store, from which whoever brings more waits for it too. */
export const UNSAVED_BYTES = 8 * 1024 * 1024;

/** The same where the store fails: beyond this, what comes is refused with the store's error. */
export const UNSAVED_MAX_BYTES = 128 * 1024 * 1024;

/** Milliseconds that a blob stays after no manifest names it any more: for readers of an older generation. */
export const GRACE_MS = 60 * 1000;

/** Writes that have to fail in a row until a change that waits for them is told, where the error may pass by itself. */
export const SAVE_TRIES = 3;

/** Times that one write follows writers that were faster. */
export const REBASE_TRIES = 10;

/** Plans of one compaction that may come to nothing, because another writer was faster. */
export const COMPACTION_TRIES = 3;

/** Bytes of one row in a Durable Object's storage (the platform allows 2 MB). */
export const EDGE_PART_BYTES = 1024 * 1024;

/** Tries to read a copy that is known to exist from a store that shows it late. */
export const EDGE_READ_TRIES = 5;

/** Milliseconds between two writes of one key of Workers KV (the platform allows one a second). */
export const EDGE_GAP_MS = 1_100;

/** Milliseconds between two tries to copy, at most. */
export const EDGE_BACKOFF_MS = 60_000;

/** Milliseconds after which every location shows what was written to KV: it says 60 s or more, and remembers misses as long. */
export const EDGE_GRACE_MS = 10 * 60_000;

/** Milliseconds for which a manifest of KV that is older than one seen before is a stale read. */
export const KV_STALE_MS = 3 * 60_000;
