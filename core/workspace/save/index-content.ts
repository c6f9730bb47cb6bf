import { patchIndex } from '../../checkpoint/safetensors/index-patch.ts';
import type { ShardedCheckpoint } from '../../checkpoint/safetensors/sharded.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { FileContent } from './file-content.ts';

/** The index of a sharded checkpoint after the edits; null where it stays as it is. */
export function indexContent({ index, entries }: ShardedCheckpoint, state: DocumentState): FileContent | null {
  const bytes = patchIndex({
    original: index,
    tensors: [...state.tensors()].map(({ id, name }) => {
      const origin = state.entry(id).name;
      return { name, shard: index.weightMap.get(origin) ?? '', origin };
    }),
    totalSize: totalSize(
      index.metadata.total_size,
      entries.reduce((sum, { nbytes }) => sum + nbytes, 0),
      state.totals.bytes,
    ),
    metadata: Object.fromEntries(state.metadata),
  });
  if (bytes.equals(index.bytes)) return null;
  return { base: null, segments: [{ kind: 'bytes', to: 0, bytes }], size: bytes.length };
}

/** Some writers count what no shard holds (tied weights): what was recorded moves by what the edits changed. */
function totalSize(recorded: string | undefined, before: number, now: number): number {
  const former = Number(recorded);
  return recorded !== undefined && Number.isSafeInteger(former) ? former + now - before : now;
}
