import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { Entry } from '../checkpoint.ts';
import type { EntryContext } from './entry-context.ts';
import { viewBytes } from './storage-bytes.ts';
import type { SparseTensor } from './tensor.ts';
import { flagFacts } from './tensor-facts.ts';
import { viewPart } from './view-part.ts';

/** Listed in its dense form; the stored parts are facts. */
export function sparseEntry(name: string, tensor: SparseTensor, { records, name: file }: EntryContext): Entry {
  const { layout, shape, values } = tensor;
  const { dtype } = values;
  const place = viewBytes(values, records, file);
  const parts =
    tensor.layout === 'sparse_coo'
      ? { indices: viewPart(tensor.indices, records, file) }
      : { pointers: viewPart(tensor.pointers, records, file), plain: viewPart(tensor.plain, records, file) };
  return {
    name,
    dtype,
    shape,
    nbytes: bytesFor(dtype, elementCount(shape)),
    file: place.file,
    offset: place.offset,
    packed: { decoder: 'pytorch-sparse', parameters: { layout, values: viewPart(values, records, file), ...parts } },
    facts: { layout, ...partFacts(tensor), ...flagFacts(tensor.flags) },
  };
}

/** Named as torch names them. */
function partFacts(tensor: SparseTensor): Record<string, string> {
  const values = `${tensor.values.dtype} ${formatShape(tensor.values.shape)}`;
  if (tensor.layout === 'sparse_coo') return { indices: `int64 ${formatShape(tensor.indices.shape)}`, values };
  const byRow = tensor.layout === 'sparse_csr' || tensor.layout === 'sparse_bsr';
  const [pointers, plain] = byRow
    ? (['crow_indices', 'col_indices'] as const)
    : (['ccol_indices', 'row_indices'] as const);
  return {
    [pointers]: `${tensor.pointers.dtype} ${formatShape(tensor.pointers.shape)}`,
    [plain]: `${tensor.plain.dtype} ${formatShape(tensor.plain.shape)}`,
    values,
  };
}
