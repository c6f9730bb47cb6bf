import type { FileCursor } from './file-cursor.ts';

/** NumPy's limit, and MXNet's own in its NumPy mode; more is damage and would only cost time. */
const MAX_DIMENSIONS = 32;

/** `i32 ndim` and so many `i64`; null where ndim is −1, which stands for "not known". */
export function readShape(cursor: FileCursor, what: string): number[] {
  const offset = cursor.position;
  const ndim = cursor.i32(what);
  if (ndim === -1) return [-1];
  if (ndim < 0 || ndim > MAX_DIMENSIONS) {
    cursor.fail(`${what} has ${ndim} dimensions; 0 to ${MAX_DIMENSIONS} are possible`, offset);
  }
  return Array.from({ length: ndim }, () => cursor.i64(`a size of ${what}`));
}

/** The shape of a V0 record, whose first word is the number of dimensions. */
export function readNarrowShape(cursor: FileCursor, ndim: number, offset: number): number[] {
  if (ndim > MAX_DIMENSIONS) {
    cursor.fail(
      `an array should begin here, with the mark of its version or up to ${MAX_DIMENSIONS} dimensions; ` +
        `there is 0x${ndim.toString(16).padStart(8, '0')}`,
      offset,
    );
  }
  return Array.from({ length: ndim }, () => cursor.u32('a size of the shape'));
}
