import type { Entry } from '../../checkpoint/checkpoint.ts';
import type { SafetensorsIndex } from '../../checkpoint/safetensors/index-file.ts';
import { patchIndex } from '../../checkpoint/safetensors/index-patch.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { FileContent } from './file-content.ts';

const PARAMETERS = 'total_parameters';

/** A checkpoint whose tensors an index maps to files, as transformers writes it. */
export interface IndexedCheckpoint {
  readonly index: SafetensorsIndex;
  readonly entries: readonly Entry[];
}

/** The index of a sharded checkpoint after the edits; null where it stays as it is. */
export function indexContent({ index, entries }: IndexedCheckpoint, state: DocumentState): FileContent | null {
  // A tensor that is new lies where its file's others do.
  const shardOf = ({ file }: Entry): string =>
    index.weightMap.get(entries.find((entry) => entry.file === file)?.name ?? '') ?? '';
  const bytes = patchIndex({
    original: index,
    tensors: [...state.tensors()].map(({ id, name }) => {
      const origin = state.stored(id)?.name ?? null;
      return {
        name,
        shard: (origin === null ? undefined : index.weightMap.get(origin)) ?? shardOf(state.entry(id)),
        origin,
      };
    }),
    totalSize: moved(index.metadata.total_size, {
      before: sumOf(entries, ({ nbytes }) => nbytes),
      now: state.totals.bytes,
    }),
    metadata: metadataOf(index.metadata[PARAMETERS], entries, state),
  });
  if (bytes.equals(index.bytes)) return null;
  return { base: null, segments: [{ kind: 'bytes', to: 0, bytes }], size: bytes.length };
}

/** transformers counts the parameters beside the bytes; what the user set is the user's. */
function metadataOf(
  recorded: string | undefined,
  entries: readonly Entry[],
  state: DocumentState,
): Record<string, string> {
  const metadata = Object.fromEntries(state.metadata);
  if (recorded === undefined || metadata[PARAMETERS] !== recorded || !Number.isSafeInteger(Number(recorded))) {
    return metadata;
  }
  const before = sumOf(entries, ({ shape }) => elementCount(shape));
  if (before === state.totals.elements) return metadata;
  return { ...metadata, [PARAMETERS]: String(moved(recorded, { before, now: state.totals.elements })) };
}

/** Some writers count what no shard holds (tied weights): what was recorded moves by what the edits changed. */
function moved(
  recorded: string | undefined,
  { before, now }: { readonly before: number; readonly now: number },
): number {
  const former = Number(recorded);
  return recorded !== undefined && Number.isSafeInteger(former) ? former + now - before : now;
}

function sumOf(entries: readonly Entry[], of: (entry: Entry) => number): number {
  return entries.reduce((sum, entry) => sum + of(entry), 0);
}
