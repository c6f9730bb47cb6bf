import type { Shape } from '../core/ndarray/shape.ts';
import type { CellBlock } from '../core/stats/engine.ts';

type CellValue = number | string | boolean | readonly [re: number, im: number];
export type Nested = CellValue | readonly Nested[];

/**
 * The elements of a block as nested lists of `shape`, like NumPy's `tolist()`: 64-bit integers as
 * decimal strings, complex numbers as `[re, im]`, every other number exactly as it is stored.
 */
export function nestedValues(block: CellBlock, shape: Shape): Nested {
  const read = reader(block);
  let at = 0;
  const build = (axis: number): Nested =>
    axis === shape.length ? read(at++) : Array.from({ length: shape[axis] ?? 0 }, () => build(axis + 1));
  return build(0);
}

function reader({ bytes, dtype, encoding }: CellBlock): (i: number) => CellValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (encoding) {
    case 'int64':
      return (i) => String(view.getBigInt64(i * 8, true));
    case 'uint64':
      return (i) => String(view.getBigUint64(i * 8, true));
    case 'complex128':
      return (i) => [view.getFloat64(i * 16, true), view.getFloat64(i * 16 + 8, true)];
    case 'float64':
      return dtype === 'bool' ? (i) => view.getFloat64(i * 8, true) !== 0 : (i) => view.getFloat64(i * 8, true);
  }
}
