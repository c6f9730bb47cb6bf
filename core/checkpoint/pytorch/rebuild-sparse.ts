import type { PickleValue } from '../pickle/values.ts';
import { itemsOf } from './python-values.ts';
import { layoutName, type RebuildContext } from './rebuild-context.ts';
import { shapeOf } from './strided-view.ts';
import { type CompressedLayout, NO_FLAGS, type SparseTensor, type StridedView } from './tensor.ts';

const COMPRESSED: ReadonlySet<string> = new Set(['sparse_csr', 'sparse_csc', 'sparse_bsr', 'sparse_bsc']);

function isCompressed(layout: string): layout is CompressedLayout {
  return COMPRESSED.has(layout);
}

/** `(layout, (indices, values, shape[, coalesced]))`, or `(layout, (pointers, indices, values, shape))`. */
export function rebuildSparse(args: readonly PickleValue[], context: RebuildContext): SparseTensor {
  const layout = layoutName(args[0]) ?? '';
  const data = itemsOf(args[1]) ?? context.fail('the parts of a sparse tensor are malformed');
  if (layout === 'sparse_coo') {
    const [indices, values, shape] = data;
    return {
      kind: 'sparse',
      layout,
      indices: indexPart(indices, context),
      values: part(values, context),
      shape: shapeOf(shape, context.fail),
      flags: NO_FLAGS,
    };
  }
  if (!isCompressed(layout)) return context.fail(`the layout '${layout}' of a sparse tensor is unknown`);
  const [pointers, plain, values, shape] = data;
  return {
    kind: 'sparse',
    layout,
    pointers: indexPart(pointers, context),
    plain: indexPart(plain, context),
    values: part(values, context),
    shape: shapeOf(shape, context.fail),
    flags: NO_FLAGS,
  };
}

function part(value: PickleValue | undefined, context: RebuildContext): StridedView {
  const tensor = context.tensor(value);
  return tensor?.kind === 'strided' ? tensor.view : context.fail('a part of a sparse tensor is no plain tensor');
}

function indexPart(value: PickleValue | undefined, context: RebuildContext): StridedView {
  const view = part(value, context);
  if (view.dtype === 'int64' || view.dtype === 'int32') return view;
  return context.fail(`the indices of a sparse tensor are ${view.dtype}, not int64 or int32`);
}
