import { CheckpointFormatError } from '../../errors.ts';
import type { FileSource } from '../byte-source.ts';
import { MAX_INDEX, parseIndex, type SafetensorsIndex } from './index-file.ts';
import { resolveShard } from './shard-path.ts';

/** An index with the shards that it names, in the order in which it first names them. */
export interface IndexedShards {
  readonly index: SafetensorsIndex;
  readonly names: readonly string[];
  readonly paths: readonly string[];
}

/**
 * Reads an index as transformers writes it, of shards of whatever format, and finds the shards beside it.
 *
 * @throws CheckpointFormatError where it is malformed, or a shard is missing.
 * @throws UnsafeCheckpointError where a shard lies outside the folder of the index.
 */
export async function readIndex(source: FileSource): Promise<IndexedShards> {
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
  return { index, names, paths };
}

/** @throws CheckpointFormatError where index and shards do not agree on who holds what. */
export function checkAgreement(
  indexName: string,
  { weightMap }: SafetensorsIndex,
  shards: { readonly names: readonly string[]; readonly entries: readonly (readonly { readonly name: string }[])[] },
): void {
  const holders = new Map<string, string>();
  const fail = (problem: string): never => {
    throw new CheckpointFormatError(`${indexName}: ${problem}.`, { file: indexName });
  };
  shards.entries.forEach((entries, file) => {
    const shard = shards.names[file] ?? '';
    for (const { name } of entries) {
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
