import { CheckpointFormatError } from '../../errors.ts';
import type { FileSource } from '../byte-source.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { recognizeForeign, recognizeImpostor } from '../foreign.ts';
import type { SafetensorsHeader } from './header.ts';
import type { SafetensorsIndex } from './index-file.ts';
import { checkAgreement, readIndex } from './index-shards.ts';
import { headersOf, readHeader, SafetensorsCheckpoint } from './reader.ts';

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
  const { index, names, paths } = await readIndex(source);
  const sources: FileSource[] = [];
  const headers: SafetensorsHeader[] = [];
  for (const [file, path] of paths.entries()) {
    const shard = await source.beside(path);
    await refuseForeign(shard);
    sources.push(shard);
    headers.push(await readHeader(shard, file, headersOf(known)));
  }
  checkAgreement(source.name, index, { names, entries: headers.map(({ entries }) => entries) });
  return new ShardedCheckpoint(source, index, { sources, headers });
}

async function refuseForeign(shard: FileSource): Promise<void> {
  const head = Buffer.from(await shard.read(0, Math.min(HEAD, shard.size)));
  const foreign = recognizeImpostor(head) ?? recognizeForeign(head, shard.name);
  if (!foreign) return;
  const advice = foreign.advice ?? 'Only shards in the safetensors format can be read.';
  throw new CheckpointFormatError(`The shard ${shard.name} is ${foreign.what}. ${advice}`, { file: shard.name });
}
