import { layoutMXNet } from '../../checkpoint/mxnet/layout.ts';
import type { MXNetCheckpoint } from '../../checkpoint/mxnet/reader.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { FileContent } from './file-content.ts';
import { piecesContent } from './pieces-content.ts';

/**
 * Lays out an MXNet list file of all tensors. Where it descends from `original` and nothing moves, only what
 * differs is a segment.
 */
export function planMXNetContent(state: DocumentState, forebear: MXNetCheckpoint | null): FileContent {
  const tensors = [...state.tensors()];
  // Records can be patched, not made: values of other shapes and new tensors want a list of its own.
  const original = tensors.some(({ value }) => value !== null) ? null : forebear;
  const file = original?.files[0] ?? null;
  const layout = layoutMXNet({
    original: original && file && { list: original.list, size: file.stamp.size },
    tensors: tensors.map(({ id, name, dtype, steps }) => {
      const entry = state.entry(id);
      const record = original ? original.recordOf(entry) : null;
      return { name, dtype, shape: entry.shape, record, edited: steps !== null };
    }),
  });
  return piecesContent(layout, {
    state,
    tensors,
    file,
    placeOf: ({ id }) => {
      const { offset, sparse } = state.entry(id);
      return sparse ? null : offset;
    },
  });
}
