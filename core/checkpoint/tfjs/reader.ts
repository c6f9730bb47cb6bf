import type { FileSource } from '../byte-source.ts';
import type { ValueNode } from '../checkpoint.ts';
import { resolveShard } from '../safetensors/shard-path.ts';
import { jsonNode } from '../value-text.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { ShardGroup } from './shard-group.ts';
import { TfjsCheckpoint } from './tfjs-checkpoint.ts';
import { type LaidOutWeights, layOutWeights } from './weights.ts';

/** Opens a model by its JSON; the shards lie in the same folder and nowhere else. */
export async function openTfjs(source: FileSource): Promise<TfjsCheckpoint> {
  const manifest = await readManifest(source);
  const sources: FileSource[] = [];
  const weights: LaidOutWeights = { entries: [], others: [] };
  for (const [index, { paths, weights: listed }] of manifest.groups.entries()) {
    const first = sources.length;
    for (const path of paths) {
      sources.push(await source.beside(await resolveShard(source.path, path, { list: 'weightsManifest' })));
    }
    const name = paths.length === 1 ? (paths[0] ?? '') : `${source.name} (the files of group ${index})`;
    await layOutWeights(new ShardGroup(name, sources.slice(first), first), listed, weights);
  }
  const { metadata, values } = describeOthers(manifest);
  const structure = { format: 'tfjs' as const, path: source.path, sources, metadata, values, ...weights };
  return new TfjsCheckpoint(source, manifest, structure);
}

function describeOthers({ others }: Manifest): { metadata: Record<string, string>; values: ValueNode[] } {
  const metadata: Record<string, string> = {};
  const values: ValueNode[] = [];
  for (const [key, value] of Object.entries(others)) {
    if (typeof value === 'string') metadata[key] = value;
    else values.push(jsonNode(key, value));
  }
  return { metadata, values };
}
