import { tokenOfDType } from '../../../checkpoint/safetensors/dtypes.ts';
import { SafetensorsCheckpoint } from '../../../checkpoint/safetensors/reader.ts';
import { ShardedCheckpoint } from '../../../checkpoint/safetensors/sharded.ts';
import type { DocumentState } from '../../state/document-state.ts';
import { type ContentRequest, type FileContent, isUnchanged, planContent } from '../file-content.ts';
import type { FormatWriter, OutputPlan, SaveSubject } from '../format-writer.ts';
import { planShards } from '../plan-shards.ts';
import { realTarget } from '../replacement.ts';

export const safetensorsWriter: FormatWriter = {
  format: 'safetensors',
  label: 'safetensors',
  extensions: ['.safetensors'],
  holds: (dtype) => tokenOfDType(dtype) !== undefined,
  writes: (checkpoint) => checkpoint instanceof SafetensorsCheckpoint,
  async planOwn(subject) {
    const { checkpoint, state } = subject;
    if (checkpoint instanceof ShardedCheckpoint) return await planSafetensorsShards(checkpoint, state);
    const content = merged(subject);
    if (isUnchanged(content)) return { outputs: [], removes: [] };
    return { outputs: [{ target: await realTarget(checkpoint.path), content, kind: 'safetensors' }], removes: [] };
  },
  async planNew(subject, target) {
    return { outputs: [{ target, content: merged(subject), kind: 'safetensors' }], removes: [] };
  },
  losses: () => [],
};

/** All tensors in one file. */
function merged({ checkpoint, state }: SaveSubject): FileContent {
  const single = checkpoint instanceof SafetensorsCheckpoint && !(checkpoint instanceof ShardedCheckpoint);
  const original = single ? originalOf(checkpoint, 0) : null;
  const metadata =
    checkpoint instanceof ShardedCheckpoint ? mergedMetadata(checkpoint, state) : Object.fromEntries(state.metadata);
  return planContent({ state, tensors: [...state.tensors()], metadata, original });
}

async function planSafetensorsShards(checkpoint: ShardedCheckpoint, state: DocumentState): Promise<OutputPlan> {
  return await planShards(checkpoint, {
    state,
    kind: 'safetensors',
    async contentOf(shard, tensors) {
      const original = originalOf(checkpoint, shard);
      return tensors.length === 0
        ? null
        : planContent({ state, tensors, metadata: original.header.metadata, original });
    },
  });
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
