import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lazyEntry } from '../../dist/core/checkpoint/lazy-entry.js';
import { openCheckpoint } from '../../dist/core/checkpoint/open.js';
import { ParascopeError } from '../../dist/core/errors.js';
import { bytesFor, isQuantized } from '../../dist/core/ndarray/dtype.js';
import { elementCount } from '../../dist/core/ndarray/shape.js';
import { WRITERS } from '../../dist/core/workspace/save/writers.js';
import { faultOf } from './judge.mjs';

/** Values up to here are read whole, and documents up to here saved. */
const SMALL = 1 << 20;
const WINDOW = 64 * 1024;

/** Everything that Parascope does with a file, done with `path`; `work` collects faults and what was found. */
export async function examine(path, { workspace, random, out, saves, work }) {
  const before = contentsOf(dirname(path));
  const checkpoint = await attempt(work, 'open', () => openCheckpoint(path));
  if (checkpoint) {
    work.format = checkpoint.format;
    work.entries = checkpoint.entries.length;
    work.names = checkpoint.entries.slice(0, 100).map(({ name }) => name);
    work.values = JSON.stringify(checkpoint.values ?? []).slice(0, WINDOW);
    checkListing(checkpoint, work);
    for (const entry of chosen(checkpoint.entries, random)) await readOne(checkpoint, entry, { workspace, work });
    await attempt(work, 'read', () => checkpoint.close());
  }
  compareFolder(before, dirname(path), work);
  if (checkpoint && random.chance(saves)) await asDocument(path, { workspace, random, out, work });
}

/** The result of `action`, or undefined where it failed; how it failed is judged. */
async function attempt(work, stage, action) {
  try {
    return await action();
  } catch (error) {
    const fault = faultOf(stage, error);
    if (fault !== null) work.faults.push({ fault, stack: error?.stack });
    if (error instanceof ParascopeError) work.errors.push({ stage, code: error.code, message: error.message });
    return undefined;
  }
}

function checkListing({ entries, files }, work) {
  const seen = new Set();
  for (const entry of entries) {
    const { name, dtype, shape, nbytes, file, offset, packed, sparse } = entry;
    const fault = (text) => work.faults.push({ fault: `listing: ${text}` });
    if (typeof name !== 'string' || seen.has(name)) fault(`two tensors are named ${JSON.stringify(name)}`);
    seen.add(name);
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) fault(`a shape of ${shape}`);
    if (nbytes !== bytesFor(dtype, elementCount(shape))) fault(`${nbytes} bytes for ${dtype} of ${shape}`);
    const size = files[file]?.stamp.size;
    if (size === undefined) fault(`a tensor in file ${file} of ${files.length}`);
    else if (!packed && !sparse && offset + nbytes > size) fault('a tensor beyond the end of its file');
  }
}

/** The first, and a few others. */
function chosen(entries, random) {
  const list = [entries[0], random.pick(entries), random.pick(entries), entries.at(-1)];
  return [...new Set(list.filter((entry) => entry !== undefined))];
}

async function readOne(checkpoint, entry, { workspace, work }) {
  const { nbytes } = entry;
  if (nbytes > SMALL) {
    await attempt(work, 'read', () => checkpoint.read(entry, { start: 0, stop: WINDOW }));
    await attempt(work, 'read', () => checkpoint.read(entry, { start: nbytes - WINDOW, stop: nbytes }));
    return;
  }
  const lazy = lazyEntry(checkpoint, entry);
  const bytes = await attempt(work, 'read', () => checkpoint.read(entry));
  const hash = await attempt(work, 'read', () => workspace.engine.hash(lazy));
  await attempt(work, 'read', () => workspace.engine.stats(lazy, { bins: 8 }));
  await attempt(work, 'read', () =>
    workspace.engine.cells(
      lazy,
      lazy.shape.map((size) => ({ start: 0, count: Math.min(size, 4), step: 1 })),
    ),
  );
  if ((bytes === undefined) !== (hash === undefined)) {
    work.faults.push({ fault: `read: ${entry.name} can be ${bytes ? 'read and not hashed' : 'hashed and not read'}` });
  }
  if (bytes && bytes.length !== nbytes) work.faults.push({ fault: `read: ${bytes.length} bytes of ${nbytes}` });
  if (bytes && hash && sha256(bytes) !== hash) work.faults.push({ fault: `read: ${entry.name} has two hashes` });
}

async function asDocument(path, { workspace, random, out, work }) {
  const document = await attempt(work, 'document', () => workspace.open(path));
  if (!document) return;
  await attempt(work, 'document', async () => {
    document.summary();
    document.values();
    const { ids } = document.listing();
    for (const id of [...new Set([ids.at(0), random.pick(ids)])]) if (id !== undefined) await document.detail(id);
  });
  const { totals } = document.summary();
  if (totals.bytes <= SMALL) await saveAll(document, { workspace, random, out, work, path });
  await workspace.closeDocument(document.id, { discardEdits: true });
}

async function saveAll(document, { workspace, random, out, work, path }) {
  const folder = dirname(path);
  const before = contentsOf(folder);
  await edit(document, random, work);
  const target = join(out, 'copy.safetensors');
  const hashes = await hashesOf(workspace, document);
  const saved = await attempt(work, 'save', () => document.exportTo(target, { format: 'safetensors' }));
  if (saved) await compareCopy(target, hashes, { workspace, work });
  const own = WRITERS.find(({ format }) => format === document.summary().format);
  if (own)
    await attempt(work, 'save', () =>
      document.exportTo(join(out, `own${own.extensions[0] ?? ''}`), { format: own.format }),
    );
  const strangers = readdirSync(out).filter((name) => !/^(copy|own)(\.|$)/.test(name));
  if (strangers.length > 0) work.faults.push({ fault: `save: ${strangers} appeared beside the copy` });
  compareFolder(before, folder, work);
  if (document.summary().savable) {
    await attempt(work, 'save', () => document.save({ inPlace: random.chance(0.3) }));
    const names = readdirSync(folder).filter((name) => !before.has(name));
    if (names.length > 0 && !document.summary().format.endsWith('index'))
      work.faults.push({ fault: `save: ${names} appeared` });
    await attempt(work, 'save', async () => (await openCheckpoint(path)).close());
  }
  for (const name of readdirSync(out)) rmSync(join(out, name), { recursive: true });
}

async function edit(document, random, work) {
  const { names, dtypes } = document.listing();
  const at = random.below(names.length);
  const edits = [
    {
      kind: 'rename',
      from: names[at] ?? '',
      to: random.pick(['renamed', 'a.b', 'ü', `${names[at]}.x`, `${names[at]}_2`, '/new/group/it']),
    },
    { kind: 'fill', select: [names[at] ?? ''], value: '1' },
    { kind: 'delete', select: [names[at] ?? ''] },
    { kind: 'cast', select: [names[at] ?? ''], dtype: random.pick(['float32', 'float16', 'int8']) },
    { kind: 'metadata', key: 'note', value: 'x' },
  ];
  for (let i = random.below(3); i > 0 && dtypes.length > 0; i--) {
    await attempt(work, 'save', () => document.edit(random.pick(edits)));
  }
}

async function hashesOf(workspace, document) {
  const { ids, names, dtypes } = document.listing();
  const hashes = new Map();
  for (const [i, id] of [...ids].entries()) {
    if (hashes.size >= 8 || isQuantized(dtypes[i])) continue;
    hashes.set(names[i], await workspace.engine.hash(document.lazy(id)).catch(() => null));
  }
  return hashes;
}

/** What was written is what was there. */
async function compareCopy(target, hashes, { workspace, work }) {
  const copy = await attempt(work, 'save', () => openCheckpoint(target));
  for (const [name, hash] of copy ? hashes : []) {
    const entry = copy.find(name);
    if (!entry) work.faults.push({ fault: `save: ${name} is not in the copy` });
    else if (hash !== null && (await workspace.engine.hash(lazyEntry(copy, entry))) !== hash) {
      work.faults.push({ fault: `save: ${name} has another value in the copy` });
    }
  }
  await copy?.close();
}

function contentsOf(folder) {
  return new Map(readdirSync(folder).map((name) => [name, sha256(readFileSync(join(folder, name)))]));
}

function compareFolder(before, folder, work) {
  const after = contentsOf(folder);
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(name) !== after.get(name)) work.faults.push({ fault: `touched: ${name}` });
  }
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
