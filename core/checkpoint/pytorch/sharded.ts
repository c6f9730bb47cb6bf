import { CheckpointFormatError } from '../../errors.ts';
import { FileSource } from '../byte-source.ts';
import type { Checkpoint, Entry, ValueNode } from '../checkpoint.ts';
import { recognizeForeign, recognizeImpostor } from '../foreign.ts';
import { ReadableCheckpoint } from '../readable-checkpoint.ts';
import { checkAgreement, readIndex } from '../safetensors/index-shards.ts';
import { isZip } from '../zip/archive.ts';
import { readTorch } from './reader.ts';

/** Bytes that tell a Git LFS pointer or another format in a shard's place. */
const HEAD = 512;

/** Opens every shard that a `pytorch_model.bin.index.json` names, as one checkpoint. */
export async function openTorchIndex(source: FileSource): Promise<Checkpoint> {
  const { index, names, paths } = await readIndex(source);
  const sources: FileSource[] = [];
  const shards: Entry[][] = [];
  const values: ValueNode[] = [];
  let groups = 0;
  for (const [file, path] of paths.entries()) {
    const shard = await FileSource.open(path);
    await refuseForeign(shard);
    sources.push(shard);
    const structure = await readTorch(shard, file);
    const entries = structure.entries.map((entry) => regrouped(entry, groups));
    groups = entries.reduce((most, { storageGroup = -1 }) => Math.max(most, storageGroup + 1), groups);
    shards.push(entries);
    if (structure.values.length > 0) {
      const text = `${structure.values.length} beside its tensors`;
      values.push({ key: names[file] ?? '', kind: 'mapping', text, children: structure.values });
    }
  }
  checkAgreement(source.name, index, { names, entries: shards });
  const { metadata } = index;
  const { path } = source;
  return new ReadableCheckpoint({ format: 'pytorch-index', path, sources, entries: shards.flat(), metadata, values });
}

/** Groups are counted from 0 in each shard. */
function regrouped(entry: Entry, before: number): Entry {
  return entry.storageGroup === undefined ? entry : { ...entry, storageGroup: entry.storageGroup + before };
}

async function refuseForeign(shard: FileSource): Promise<void> {
  const head = Buffer.from(await shard.read(0, Math.min(HEAD, shard.size)));
  const isOwn = isZip(head) || head[0] === 0x80;
  const foreign = isOwn ? undefined : (recognizeImpostor(head) ?? recognizeForeign(head, shard.name));
  if (!foreign) return;
  const advice = foreign.advice ?? 'Only shards that torch.save wrote can be read here.';
  throw new CheckpointFormatError(`The shard ${shard.name} is ${foreign.what}. ${advice}`, { file: shard.name });
}
