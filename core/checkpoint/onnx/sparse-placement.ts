import { bytesFor, isPacked } from '../../ndarray/dtype.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { Entry } from '../checkpoint.ts';
import type { WireReader } from '../protobuf/wire-reader.ts';
import type { ExternalFiles } from './external-files.ts';
import { type PlacedTensor, placeTensor } from './placement.ts';
import type { SparseParameters, SparseSource } from './sparse-decoder.ts';
import type { TensorMessage } from './tensor-message.ts';

interface SparseMessage {
  readonly indices: TensorMessage;
  readonly dims: readonly number[];
  readonly what: string;
  readonly files: ExternalFiles;
}

export interface PlacedSparse {
  readonly entry: Omit<Entry, 'name'>;
  readonly facts: Readonly<Record<string, string>>;
}

/** A SparseTensorProto as the dense tensor that it stands for; checks that values and positions fit together. */
export async function placeSparse(
  reader: WireReader,
  message: TensorMessage,
  { indices: indexMessage, dims, what, files }: SparseMessage,
): Promise<PlacedSparse> {
  const values = await placeTensor(reader, message, { what: `the values of ${what}`, files });
  const indices = await placeTensor(reader, indexMessage, { what: `the indices of ${what}`, files });
  const { dtype } = values.type;
  if (isPacked(dtype))
    reader.fail(`${what} is sparse and ${values.type.name}, whose elements share bytes`, message.start);
  const count = values.shape.length === 1 ? (values.shape[0] ?? 0) : -1;
  const axes = indices.shape.length === 1 ? 1 : (indices.shape[1] ?? 0);
  const fits = indices.shape[0] === count && (indices.shape.length === 1 || axes === dims.length) && axes > 0;
  if (indices.type.dtype !== 'int64' || !fits) {
    reader.fail(
      `${what} of shape ${formatShape(dims)} has values of shape ${formatShape(values.shape)} and indices of shape ` +
        `${formatShape(indices.shape)} (${indices.type.name}), which do not belong together`,
      message.start,
    );
  }
  const nbytes = bytesFor(dtype, elementCount(dims));
  if (!Number.isSafeInteger(nbytes))
    reader.fail(`${what} has the shape ${formatShape(dims)}, which is too large`, message.start);
  const parameters: SparseParameters = { values: sourceOf(values), indices: sourceOf(indices), count, axes };
  const { file, offset } = values;
  return {
    entry: { dtype, shape: dims, nbytes, file, offset, packed: { decoder: 'onnx-sparse', parameters } },
    facts: { onnx_type: values.type.name, stored: 'sparse', stored_values: String(count) },
  };
}

function sourceOf({ file, offset, nbytes, typed }: PlacedTensor): SparseSource {
  return { file, offset, nbytes, typed: typed ?? null };
}
