import type { FileStamp, LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { DocumentState } from './document-state.ts';

/** Whether a value that an edit gave a tensor is read from one of the files, in the state of their stamps. */
export function standsOn(state: DocumentState, files: readonly { readonly stamp: FileStamp }[]): boolean {
  for (const { value } of state.tensors()) {
    if (value && readsFrom(value.lazy, files)) return true;
  }
  return false;
}

function readsFrom({ region, packed, derived }: LazyTensor, files: readonly { readonly stamp: FileStamp }[]): boolean {
  const stamps = [region.stamp, ...(packed?.files ?? []).map(({ stamp }) => stamp)];
  return (
    stamps.some((stamp) => files.some((file) => isSame(file.stamp, stamp))) ||
    (derived?.sources ?? []).some((source) => readsFrom(source, files))
  );
}

/** Whatever path led there. */
function isSame(a: FileStamp, b: FileStamp): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;
}
