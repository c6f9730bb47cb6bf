import type { WritableFormat } from '../../checkpoint/checkpoint.ts';
import { MXNetCheckpoint } from '../../checkpoint/mxnet/reader.ts';
import type { SafetensorsCheckpoint } from '../../checkpoint/safetensors/reader.ts';
import { ShardedCheckpoint } from '../../checkpoint/safetensors/sharded.ts';
import type { EditableCheckpoint } from '../editable-checkpoint.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import type { OriginalFile } from './content.ts';
import { type ContentRequest, type FileContent, isUnchanged, planContent } from './file-content.ts';
import { indexContent } from './index-content.ts';
import { planMXNetContent } from './mxnet-content.ts';
import { realTarget } from './replacement.ts';

/** One file to be written. */
export interface Output {
  /** A real path. */
  readonly target: string;
  readonly content: FileContent;
  readonly kind: WritableFormat | 'index';
}

/** All that a save does to the disk. */
export interface OutputPlan {
  readonly outputs: readonly Output[];
  /** Shards that hold nothing any more. */
  readonly removes: readonly OriginalFile[];
}

export interface SaveSubject {
  readonly checkpoint: EditableCheckpoint;
  readonly state: DocumentState;
}

/** What saving a document over its own files writes: only files that change. */
export async function planOwnFiles({ checkpoint, state }: SaveSubject): Promise<OutputPlan> {
  if (checkpoint instanceof ShardedCheckpoint) return await planShards(checkpoint, state);
  const output = checkpoint instanceof MXNetCheckpoint ? mxnetOutput(checkpoint, state) : merged(checkpoint, state);
  if (isUnchanged(output.content)) return { outputs: [], removes: [] };
  return { outputs: [{ target: await realTarget(checkpoint.path), ...output }], removes: [] };
}

/** What writing all tensors to the one file `target` writes. */
export function planOneFile(
  { checkpoint, state }: SaveSubject,
  { target, format }: { readonly target: string; readonly format: WritableFormat },
): OutputPlan {
  const output = format === 'mxnet' ? mxnetOutput(checkpoint, state) : merged(checkpoint, state);
  return { outputs: [{ target, ...output }], removes: [] };
}

function mxnetOutput(checkpoint: EditableCheckpoint, state: DocumentState): Omit<Output, 'target'> {
  const original = checkpoint instanceof MXNetCheckpoint ? checkpoint : null;
  return { content: planMXNetContent(state, original), kind: 'mxnet' };
}

function merged(checkpoint: EditableCheckpoint, state: DocumentState): Omit<Output, 'target'> {
  const original =
    checkpoint instanceof ShardedCheckpoint || checkpoint instanceof MXNetCheckpoint ? null : originalOf(checkpoint, 0);
  const metadata =
    checkpoint instanceof ShardedCheckpoint ? mergedMetadata(checkpoint, state) : Object.fromEntries(state.metadata);
  return { content: planContent({ state, tensors: [...state.tensors()], metadata, original }), kind: 'safetensors' };
}

async function planShards(checkpoint: ShardedCheckpoint, state: DocumentState): Promise<OutputPlan> {
  const outputs: Output[] = [];
  const removes: OriginalFile[] = [];
  for (const [shard, tensors] of groupByShard(checkpoint, state).entries()) {
    const original = originalOf(checkpoint, shard);
    if (tensors.length === 0) {
      removes.push({ path: await realTarget(original.file.path), stamp: original.file.stamp });
      continue;
    }
    const content = planContent({ state, tensors, metadata: original.header.metadata, original });
    if (isUnchanged(content)) continue;
    outputs.push({ target: await realTarget(original.file.path), content, kind: 'safetensors' });
  }
  const index = indexContent(checkpoint, state);
  if (index) outputs.push({ target: await realTarget(checkpoint.path), content: index, kind: 'index' });
  return { outputs, removes };
}

function groupByShard({ files }: ShardedCheckpoint, state: DocumentState): TensorState[][] {
  const groups = files.map((): TensorState[] => []);
  for (const tensor of state.tensors()) groups[state.entry(tensor.id).file]?.push(tensor);
  return groups;
}

function originalOf(
  { headers, files, path }: SafetensorsCheckpoint,
  index: number,
): NonNullable<ContentRequest['original']> {
  const header = headers[index];
  const file = files[index];
  if (!header || !file) throw new TypeError(`${path} has no file ${index}.`);
  return { header, file };
}

/** The shards' own metadata, the first to name a key wins, and what was edited in the index's. */
function mergedMetadata({ headers, metadata }: ShardedCheckpoint, state: DocumentState): Record<string, string> {
  const merged = new Map<string, string>();
  for (const header of headers) {
    for (const [key, value] of Object.entries(header.metadata)) if (!merged.has(key)) merged.set(key, value);
  }
  const former = new Map(Object.entries(metadata));
  for (const [key, value] of state.metadata) if (former.get(key) !== value) merged.set(key, value);
  for (const key of former.keys()) if (!state.metadata.has(key)) merged.delete(key);
  return Object.fromEntries(merged);
}
