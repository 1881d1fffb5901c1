/** Publishing with the real engine into a namespace in memory: what is written, in which order, and what is refused. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { ROOT } from './bundle.mjs';
import { codequarry, scratchFolder } from './workerd.mjs';

const FIXTURES = path.join(ROOT, 'tests', 'edge', 'fixtures');
const dist = (file) => import(pathToFileURL(path.join(ROOT, 'pkg', 'dist', file)).href);

/** A namespace that remembers the order of what was written to it. */
class MemoryNamespace {
  values = new Map();
  writes = [];
  /** Keys that cannot be written. */
  failing = new Set();

  async keys(prefix) {
    return [...this.values.keys()].filter((key) => key.startsWith(prefix));
  }

  async get(key) {
    const value = this.values.get(key);
    assert.ok(value, `${key} was read but is not there`);
    return value;
  }

  async put(key, file) {
    if (this.failing.has(key)) throw new Error('the line broke');
    this.writes.push(`put ${key}`);
    this.values.set(key, await readFile(file));
  }

  async putAll(values) {
    for (const { key, bytes } of values) {
      if (this.failing.has(key)) throw new Error('the line broke');
      this.writes.push(`put ${key}`);
      this.values.set(key, Buffer.from(bytes));
    }
  }

  async delete(key) {
    this.writes.push(`delete ${key}`);
    this.values.delete(key);
  }

  async deleteAll(keys) {
    for (const key of keys) await this.delete(key);
  }

  segments() {
    return [...this.values.keys()].filter((key) => key.endsWith('.cqs')).sort();
  }
}

describe('publishing a snapshot', { timeout: 900_000 }, () => {
  let engine;
  let publishSnapshot;
  let scratch;
  let first;
  let second;
  let namespace;

  before(async () => {
    scratch = await scratchFolder();
    engine = await dist('searcher-engine.js');
    await engine.default({ module_or_path: await readFile(path.join(ROOT, 'pkg', 'dist', 'searcher-engine.wasm')) });
    ({ publish: publishSnapshot } = await dist('cli/publish/publisher.js'));
    [first, second] = await Promise.all(
      ['first', 'second'].map(async (name) => {
        const out = path.join(scratch.folder, name);
        const done = await codequarry(['index', path.join(FIXTURES, name), '--out', out]);
        assert.equal(done.code, 0, done.stderr);
        return out;
      }),
    );
  });

  after(() => scratch.remove());

  beforeEach(() => {
    namespace = new MemoryNamespace();
  });

  const publish = (folder, options = {}) =>
    publishSnapshot(engine, namespace, { folder, prefix: 'p/', keep: 1, force: false, dryRun: false, onStep() {}, ...options });

  /** A copy of a snapshot that may be damaged. */
  async function copyOf(snapshot) {
    const folder = await mkdtemp(path.join(scratch.folder, 'copy-'));
    await cp(snapshot, folder, { recursive: true });
    const segment = (await readdir(folder)).find((file) => file.endsWith('.cqs'));
    return { folder, segment: path.join(folder, segment) };
  }

  it('writes segments, then the manifest, then the record', async () => {
    const published = await publish(first);
    assert.equal(published.files, 3);
    assert.equal(published.switched, true);
    assert.match(namespace.writes[0], /^put p\/seg-[0-9a-f]{32}\.cqs$/);
    assert.deepEqual(namespace.writes.slice(-2), ['put p/manifest.cqm', 'put p/published.json']);
    assert.equal(published.uploaded.length, namespace.segments().length);
  });

  it('writes no segment and no manifest again when all is there', async () => {
    await publish(first);
    namespace.writes = [];
    const again = await publish(first);
    assert.equal(again.switched, false);
    assert.deepEqual(namespace.writes, ['put p/published.json']);
  });

  it('keeps the old segments for one generation', async () => {
    await publish(first);
    const before = namespace.segments();
    await publish(second);
    assert.ok(before.every((key) => namespace.values.has(key)));
    assert.notDeepEqual(namespace.segments(), before);
    const { deleted } = await publish(second, { keep: 0 });
    assert.deepEqual(deleted.map((name) => `p/${name}.cqs`), before);
    assert.ok(before.every((key) => !namespace.values.has(key)));
  });

  it('writes nothing on a dry run', async () => {
    const published = await publish(first, { dryRun: true });
    assert.deepEqual(namespace.writes, []);
    assert.equal(published.switched, false);
    assert.ok(published.uploaded.length > 0);
  });

  it('leaves the manifest alone when a segment cannot be written, and goes on from there the next time', async () => {
    await publish(first);
    const old = namespace.values.get('p/manifest.cqm');
    const segment = (await readdir(second)).find((file) => file.endsWith('.cqs'));
    namespace.failing.add(`p/${segment}`);
    await assert.rejects(publish(second), /the line broke/);
    assert.equal(namespace.values.get('p/manifest.cqm'), old);
    namespace.failing.clear();
    assert.equal((await publish(second)).switched, true);
  });

  it('reports a failure after the switch as a warning: the new generation is being served', async () => {
    namespace.failing.add('p/published.json');
    const published = await publish(first);
    assert.equal(published.switched, true);
    assert.match(published.warnings[0], /the line broke/);
  });

  describe('in parts', () => {
    const parted = { partsAbove: 0, partBytes: 512 };
    const parts = () => [...namespace.values.keys()].filter((key) => key.includes('.part')).sort();

    it('writes the parts, then their note, then the manifest, and nothing again', async () => {
      const { inParts, segments } = await publish(first, parted);
      assert.ok(inParts === segments && parts().length > 3, `${parts().length} parts`);
      const note = namespace.writes.findIndex((write) => write.endsWith('.cqs'));
      assert.ok(namespace.writes.slice(0, note).every((write) => write.includes('.part')));
      assert.deepEqual(namespace.writes.slice(note + 1), ['put p/manifest.cqm', 'put p/published.json']);
      namespace.writes = [];
      assert.deepEqual([(await publish(first, parted)).uploaded, namespace.writes], [[], ['put p/published.json']]);
      // As it is divided, so it stays.
      assert.deepEqual((await publish(first, { ...parted, partBytes: 700 })).uploaded, []);
    });

    it('reads back as what was published, whole and in ranges', async () => {
      await publish(first, parted);
      const { KvStore } = await dist('stores/kv.js');
      const get = async (key) => (namespace.values.has(key) ? new Uint8Array(namespace.values.get(key)).buffer : null);
      const store = new KvStore({ get, list: async () => ({ keys: [], list_complete: true }) }, 'p/');
      for (const file of (await readdir(first)).filter((name) => name.endsWith('.cqs'))) {
        const bytes = await readFile(path.join(first, file));
        assert.deepEqual(Buffer.from(await store.get(file)), bytes);
        assert.deepEqual(Buffer.from(await store.getRange(file, 500, 1500)), bytes.subarray(500, 1500));
      }
    });

    it('writes only the part that is missing; where the note is missing all of them', async () => {
      await publish(first, parted);
      const [, lost] = parts();
      const kept = namespace.values.get(lost);
      namespace.values.delete(lost);
      namespace.writes = [];
      await publish(first, parted);
      assert.deepEqual(namespace.writes, [`put ${lost}`, `put ${lost.replace(/\.part\d+$/, '')}`, 'put p/published.json']);
      assert.deepEqual(namespace.values.get(lost), kept);
      for (const key of namespace.segments()) namespace.values.delete(key);
      namespace.writes = [];
      await publish(first, parted);
      assert.equal(namespace.writes.filter((write) => write.includes('.part')).length, parts().length);
    });

    it('leaves the manifest alone when a part cannot be written, and goes on the next time', async () => {
      await publish(first, parted);
      const old = namespace.values.get('p/manifest.cqm');
      const segment = (await readdir(second)).find((file) => file.endsWith('.cqs') && !namespace.values.has(`p/${file}`));
      namespace.failing.add(`p/${segment}.part1`);
      await assert.rejects(publish(second, parted), /the line broke/);
      assert.equal(namespace.values.get('p/manifest.cqm'), old);
      assert.ok(!namespace.values.has(`p/${segment}`), 'no note');
      namespace.failing.clear();
      assert.equal((await publish(second, parted)).switched, true);
    });

    it('deletes a note before its parts, one generation later', async () => {
      await publish(first, parted);
      const before = [...namespace.segments(), ...parts()];
      await publish(second, parted);
      assert.ok(before.every((key) => namespace.values.has(key)));
      namespace.writes = [];
      await publish(second, { ...parted, keep: 0 });
      assert.ok(before.every((key) => !namespace.values.has(key)));
      const deleted = namespace.writes.filter((write) => write.startsWith('delete'));
      assert.ok(deleted[0].endsWith('.cqs') && deleted.length === before.length);
    });

    it('divides what was one value, and makes one value of what was cut short', async () => {
      await publish(first);
      const [key] = namespace.segments();
      const whole = namespace.values.get(key);
      const { inParts } = await publish(first, parted);
      assert.ok(inParts > 0 && namespace.values.get(key).length < 64 && parts().length > 3);
      namespace.values.delete(parts()[1]);
      await publish(first);
      assert.deepEqual(namespace.values.get(key), whole);
    });
  });

  it('refuses a value that KV does not take, before anything is written', async () => {
    const { folder, segment } = await copyOf(first);
    await truncate(segment, 26 * 1024 * 1024);
    await assert.rejects(publish(folder), { code: 'VALUE_TOO_LARGE' });
    assert.deepEqual(namespace.writes, []);
  });

  it('never publishes a damaged snapshot', async () => {
    const { folder, segment } = await copyOf(first);
    const bytes = await readFile(segment);
    bytes[bytes.length >> 1] ^= 0x40;
    await writeFile(segment, bytes);
    await assert.rejects(publish(folder), { code: /CORRUPT|CHECKSUM/ });
    await rm(segment);
    await assert.rejects(publish(folder), { code: 'SNAPSHOT_MISSING_SEGMENT' });
    await assert.rejects(publish(path.join(scratch.folder, 'nowhere')), { code: 'STORE_NOT_FOUND' });
    assert.deepEqual(namespace.writes, []);
  });

  it('replaces a manifest that cannot be read only when told to', async () => {
    await publish(first);
    const damaged = Buffer.from(namespace.values.get('p/manifest.cqm'));
    damaged[damaged.length - 1] ^= 1;
    for (const bytes of [damaged, damaged.subarray(0, 20), Buffer.from('Value not found'), Buffer.alloc(0)]) {
      namespace.values.set('p/manifest.cqm', bytes);
      await assert.rejects(publish(second), /--force/);
    }
    assert.equal((await publish(second, { force: true })).switched, true);
  });

  it('replaces a populated snapshot by an empty one only when told to', async () => {
    const folder = await mkdtemp(path.join(scratch.folder, 'empty-'));
    const index = new engine.Index();
    await writeFile(path.join(folder, 'manifest.cqm'), index.commit({ add: [], remove: [], replace: [] }));
    index.free();
    assert.equal((await publish(folder)).files, 0);
    await publish(first);
    await assert.rejects(publish(folder), { code: 'SNAPSHOT_EMPTY' });
    assert.equal((await publish(folder, { force: true })).switched, true);
  });

  it('notices that another publication went between', async () => {
    await publish(first);
    const put = namespace.put.bind(namespace);
    namespace.put = async (key, file) => {
      namespace.values.set('p/manifest.cqm', Buffer.from('someone else'));
      await put(key, file);
    };
    await assert.rejects(publish(second), { code: 'STALE_GENERATION' });
  });

  it('keeps to its prefix', async () => {
    namespace.values.set(`q/seg-${'0'.repeat(32)}.cqs`, Buffer.from('of another index'));
    namespace.values.set('p/notes.txt', Buffer.from('of someone else'));
    for (const snapshot of [first, second, first]) await publish(snapshot, { keep: 0 });
    assert.ok(namespace.values.has(`q/seg-${'0'.repeat(32)}.cqs`));
    assert.ok(namespace.values.has('p/notes.txt'));
  });
});
