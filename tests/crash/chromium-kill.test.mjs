/**
 * A tab that writes to IndexedDB, its renderer or the whole browser killed with SIGKILL: nothing that was acknowledged is lost, nothing is torn. `KILLS` says how
 * often each (10).
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { WORK, cannotRun, executablePath, launch, removeProfile } from '../browser/harness.mjs';
import { packagePage, packageTab } from '../browser/package-page.mjs';
import { serve } from '../browser/server.mjs';
import { random } from './session.mjs';

const KILLS = Number(process.env.KILLS ?? 10);
const options = { skip: cannotRun, timeout: 120_000 + KILLS * 30_000 };
const FOLDER = path.join(WORK, 'crash');

/** Starts to write in a tab; `acknowledged` grows with every change that is durable. */
async function writer(context, url, first) {
  const page = await packageTab(context, url);
  const acknowledged = [];
  page.on('console', (message) => {
    const number = /^acknowledged (\d+)$/.exec(message.text())?.[1];
    if (number !== undefined) acknowledged.push(Number(number));
  });
  const begun = page.waitForEvent('console', { predicate: (message) => message.text().startsWith('acknowledged'), timeout: 60_000 });
  await page.evaluate(async (start) => {
    const quarry = await globalThis.codequarry.Codequarry.open('killed', { engine: globalThis.engine, workers: 1 });
    void (async () => {
      for (let change = start; ; change += 3) {
        await Promise.all(
          [0, 1, 2].map(async (part) => {
            const number = change + part;
            await quarry.add([{ path: `file${number % 40}.ts`, text: `export const value = ${number};\n` }]);
            console.log(`acknowledged ${number}`);
          }),
        );
      }
    })();
  }, first);
  await begun;
  return acknowledged;
}

/**
 * Notes in a database of its own, beside the index, that the browser has kept what it was given. A browser that is killed in the middle of a write to its own files may
 * find them damaged later and throw all of an origin away; that is no loss of ours, and the note goes with it.
 */
async function note(page, write) {
  return page.evaluate(async (writing) => {
    const done = (request) => new Promise((resolve, reject) => ((request.onsuccess = () => resolve(request.result)), (request.onerror = () => reject(request.error))));
    const opening = indexedDB.open('note', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('notes');
    const database = await done(opening);
    const transaction = database.transaction('notes', writing ? 'readwrite' : 'readonly', { durability: 'strict' });
    const found = await done(writing ? transaction.objectStore('notes').put(true, 'kept') : transaction.objectStore('notes').get('kept'));
    database.close();
    return found !== undefined;
  }, write);
}

/** What is in the index, as a fresh tab sees it. */
async function found(context, url) {
  const page = await packageTab(context, url);
  const files = await page.evaluate(async () => {
    const quarry = await globalThis.codequarry.Codequarry.open('killed', { engine: globalThis.engine, workers: 1 });
    const all = [];
    for (const file of await quarry.paths()) all.push([file, await quarry.file(file)]);
    await quarry.close();
    return all;
  });
  await page.close();
  return new Map(files.map(([file, text]) => [file, Number(/value = (\d+);\n$/.exec(text)?.[1])]));
}

/** Holds what is found against what was acknowledged; returns the number to go on with. */
function judge(files, acknowledged, where) {
  for (const number of acknowledged) {
    const file = `file${number % 40}.ts`;
    assert.ok((files.get(file) ?? -1) >= number, `${where}: ${file} is ${files.get(file)}, but ${number} was acknowledged`);
  }
  const newest = Math.max(0, ...files.values());
  return newest + 40 - (newest % 40);
}

test(`a renderer killed ${KILLS} times`, options, async (t) => {
  await packagePage(FOLDER);
  const server = await serve(FOLDER);
  const browser = await launch();
  t.after(async () => {
    await browser.close();
    await server.close();
  });
  const session = await browser.newBrowserCDPSession();
  const context = await browser.newContext();
  const below = random(3);
  const all = [];
  let first = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const acknowledged = await writer(context, server.url, first);
    await new Promise((resolve) => setTimeout(resolve, below(400)));
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const killed = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    killed.forEach(killQuietly);
    // A new tab could be given a renderer of which the browser does not know yet that it is gone.
    const isKnown = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo.some(({ id }) => killed.includes(id));
    while (await isKnown()) await new Promise((resolve) => setTimeout(resolve, 20));
    all.push(...acknowledged);
    first = judge(await found(context, server.url), acknowledged, `kill ${kill}`);
    for (const page of context.pages()) await page.close();
  }
  judge(await found(context, server.url), all, 'at the end');
  t.diagnostic(`${all.length} changes were acknowledged, 0 lost`);
  assert.ok(all.length >= KILLS);
});

test(`a browser killed ${KILLS} times`, options, async (t) => {
  await packagePage(FOLDER);
  const server = await serve(FOLDER);
  const profile = mkdtempSync(path.join(tmpdir(), 'codequarry-profile-'));
  t.after(async () => {
    await context?.close();
    await server.close();
    removeProfile(profile);
  });
  const start = () => chromium.launchPersistentContext(profile, { executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const below = random(5);
  const all = [];
  let [first, thrownAway, context] = [0, 0, undefined];
  for (let kill = 0; kill < KILLS + thrownAway; kill++) {
    context = await start();
    if (first === 0) await note(await packageTab(context, server.url), true);
    const acknowledged = await writer(context, server.url, first);
    await new Promise((resolve) => setTimeout(resolve, below(400)));
    const closed = new Promise((resolve) => context.once('close', resolve));
    for (const id of processesOf(profile)) killQuietly(id);
    await closed;
    context = await start();
    const files = await found(context, server.url);
    if (await note(await packageTab(context, server.url), false)) {
      all.push(...acknowledged);
      first = judge(files, acknowledged, `kill ${kill}`);
    } else {
      assert.equal(files.size, 0, `kill ${kill}: the browser threw everything away but the index`);
      thrownAway += 1;
      first = 0;
    }
    await context.close();
  }
  t.diagnostic(`${thrownAway} times the browser threw away all that the origin had`);
  assert.ok(thrownAway <= KILLS / 2);
  t.diagnostic(`${all.length} changes were acknowledged, 0 lost`);
  assert.ok(all.length >= KILLS);
});

/** The processes of the browser that was started with this profile: the one whose command line names it, and its children. */
function processesOf(profile) {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 }).trim().split('\n');
  const processes = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).map(([, pid, parent, args]) => ({ pid: Number(pid), parent: Number(parent), args }));
  const chosen = new Set(processes.filter(({ args }) => args.includes(`--user-data-dir=${profile}`)).map(({ pid }) => pid));
  for (let grown = true; grown; ) {
    const more = processes.filter(({ pid, parent }) => chosen.has(parent) && !chosen.has(pid));
    for (const { pid } of more) chosen.add(pid);
    grown = more.length > 0;
  }
  return [...chosen];
}

function killQuietly(id) {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It went with its parent.
  }
}
