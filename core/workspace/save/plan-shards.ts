import { basename } from 'node:path';
import type { CheckpointFile, WritableFormat } from '../../checkpoint/checkpoint.ts';
import { InvalidStateError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import type { OriginalFile } from './content.ts';
import { type FileContent, isUnchanged } from './file-content.ts';
import type { Output, OutputPlan } from './format-writer.ts';
import { type IndexedCheckpoint, indexContent } from './index-content.ts';
import { realTarget } from './replacement.ts';

/** Shards beside an index. */
export interface Shards extends IndexedCheckpoint {
  readonly path: string;
  readonly files: readonly CheckpointFile[];
}

export interface ShardPlanning {
  readonly state: DocumentState;
  /** The format of a shard. */
  readonly kind: WritableFormat;
  /** What becomes of a shard that shall hold `tensors`; null where nothing is left of it. */
  readonly contentOf: (shard: number, tensors: readonly TensorState[]) => Promise<FileContent | null>;
}

/** The shards that change, those that go because no tensor is left in them, and the index where it changes. */
export async function planShards(checkpoint: Shards, { state, kind, contentOf }: ShardPlanning): Promise<OutputPlan> {
  const outputs: Output[] = [];
  const removes: OriginalFile[] = [];
  const groups = byShard(checkpoint, state);
  for (const [shard, { path, stamp }] of checkpoint.files.entries()) {
    const content = await contentOf(shard, groups[shard] ?? []);
    if (content === null) removes.push({ path: await realTarget(path), stamp });
    else if (!isUnchanged(content)) outputs.push({ target: await realTarget(path), content, kind });
  }
  const index = indexContent(checkpoint, state);
  if (index) outputs.push({ target: await realTarget(checkpoint.path), content: index, kind: 'part' });
  return { outputs, removes };
}

function byShard({ files, path }: Shards, state: DocumentState): TensorState[][] {
  const groups = files.map((): TensorState[] => []);
  for (const tensor of state.tensors()) {
    const group = groups[state.entry(tensor.id).file];
    if (!group) {
      throw new InvalidStateError(
        `${basename(path)} names no shard that could hold '${tensor.name}': use Save as, which writes one file.`,
      );
    }
    group.push(tensor);
  }
  return groups;
}
