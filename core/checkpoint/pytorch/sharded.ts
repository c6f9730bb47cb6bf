import { CheckpointFormatError } from '../../errors.ts';
import type { FileSource } from '../byte-source.ts';
import type { Entry, ValueNode } from '../checkpoint.ts';
import { recognizeForeign, recognizeImpostor } from '../foreign.ts';
import { checkAgreement, readIndex } from '../safetensors/index-shards.ts';
import { isZip } from '../zip/signature.ts';
import { readTorch } from './reader.ts';
import { type ReadTorch, ShardedTorchCheckpoint } from './torch-checkpoint.ts';

/** Bytes that tell a Git LFS pointer or another format in a shard's place. */
const HEAD = 512;

/** Opens every shard that a `pytorch_model.bin.index.json` names, as one checkpoint. */
export async function openTorchIndex(source: FileSource): Promise<ShardedTorchCheckpoint> {
  const { index, names, paths } = await readIndex(source);
  const read: ReadTorch[] = [];
  const values: ValueNode[] = [];
  let groups = 0;
  for (const [file, path] of paths.entries()) {
    const shard = await source.beside(path);
    await refuseForeign(shard);
    const structure = await readTorch(shard, file);
    const entries = structure.entries.map((entry) => regrouped(entry, groups));
    groups = entries.reduce((most, { storageGroup = -1 }) => Math.max(most, storageGroup + 1), groups);
    read.push({ source: shard, structure: { ...structure, entries } });
    if (structure.values.length > 0) {
      const text = `${structure.values.length} beside its tensors`;
      values.push({ key: names[file] ?? '', kind: 'mapping', text, children: structure.values });
    }
  }
  checkAgreement(source.name, index, { names, entries: read.map(({ structure }) => structure.entries) });
  return new ShardedTorchCheckpoint(source, index, { read, values });
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
