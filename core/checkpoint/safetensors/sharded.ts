import { CheckpointFormatError } from '../../errors.ts';
import { FileSource } from '../byte-source.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { recognizeForeign } from '../foreign.ts';
import type { SafetensorsHeader } from './header.ts';
import { MAX_INDEX, parseIndex, type SafetensorsIndex } from './index-file.ts';
import { headersOf, readHeader, SafetensorsCheckpoint } from './reader.ts';
import { resolveShard } from './shard-path.ts';

/** Bytes that tell a Git LFS pointer or another format in a shard's place. */
const HEAD = 512;

/** A checkpoint in shards, with the index that names them. */
export class ShardedCheckpoint extends SafetensorsCheckpoint {
  readonly index: SafetensorsIndex;
  /** The index as a file: its path and what it was when it was opened. */
  readonly indexSource: FileSource;

  constructor(
    indexSource: FileSource,
    index: SafetensorsIndex,
    shards: { sources: readonly FileSource[]; headers: readonly SafetensorsHeader[] },
  ) {
    super({ format: 'safetensors-index', path: indexSource.path, metadata: index.metadata, ...shards });
    this.index = index;
    this.indexSource = indexSource;
  }
}

/**
 * Opens every shard that an index names, in the order in which it first names them, and checks that
 * index and shards agree on who holds what.
 */
export async function openSharded(source: FileSource, known: readonly Checkpoint[] = []): Promise<ShardedCheckpoint> {
  if (source.size > MAX_INDEX) {
    throw new CheckpointFormatError(
      `${source.name}: the index takes ${source.size} bytes; more than ${MAX_INDEX} are not read.`,
      { file: source.name },
    );
  }
  const index = parseIndex(await source.read(0, source.size), source.name);
  const names = [...new Set(index.weightMap.values())];
  const paths: string[] = [];
  for (const name of names) paths.push(await resolveShard(source.path, name));
  const sources: FileSource[] = [];
  const headers: SafetensorsHeader[] = [];
  for (const [file, path] of paths.entries()) {
    const shard = await FileSource.open(path);
    await refuseForeign(shard);
    sources.push(shard);
    headers.push(await readHeader(shard, file, headersOf(known)));
  }
  checkAgreement(source.name, index, { names, headers });
  return new ShardedCheckpoint(source, index, { sources, headers });
}

async function refuseForeign(shard: FileSource): Promise<void> {
  const head = Buffer.from(await shard.read(0, Math.min(HEAD, shard.size)));
  const foreign = recognizeForeign(head, shard.name);
  if (!foreign) return;
  const advice = foreign.advice ?? 'Only shards in the safetensors format can be read.';
  throw new CheckpointFormatError(`The shard ${shard.name} is ${foreign.what}. ${advice}`, { file: shard.name });
}

function checkAgreement(
  indexName: string,
  { weightMap }: SafetensorsIndex,
  shards: { readonly names: readonly string[]; readonly headers: readonly SafetensorsHeader[] },
): void {
  const holders = new Map<string, string>();
  const fail = (problem: string): never => {
    throw new CheckpointFormatError(`${indexName}: ${problem}.`, { file: indexName });
  };
  shards.headers.forEach((header, file) => {
    const shard = shards.names[file] ?? '';
    for (const { name } of header.entries) {
      const other = holders.get(name);
      const tensor = `tensor ${JSON.stringify(name)}`;
      if (other !== undefined) fail(`${tensor} is in two shards, ${other} and ${shard}`);
      holders.set(name, shard);
      const mapped = weightMap.get(name);
      if (mapped === undefined) fail(`${shard} holds ${tensor}, which weight_map does not name`);
    }
  });
  for (const [name, shard] of weightMap) {
    const holder = holders.get(name);
    if (holder === shard) continue;
    const where = holder === undefined ? 'which has no such tensor' : `but it is in ${holder}`;
    fail(`weight_map puts tensor ${JSON.stringify(name)} in ${shard}, ${where}`);
  }
}
