import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { Entry, OtherArray } from '../checkpoint.ts';
import { PagedBytes } from '../paged-bytes.ts';
import { contiguous, type StoredBytes, stridedStorage } from '../unpack/stored-bytes.ts';
import { affineStorage } from './affine-storage.ts';
import type { ManifestWeight, Quantization } from './manifest.ts';
import type { ShardGroup } from './shard-group.ts';
import { readStrings } from './strings.ts';

/** What tfjs-core's io/types.ts, `DTYPE_VALUE_SIZE_MAP`, allows besides strings. */
const DTYPES: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['float32', 'float32'],
  ['float16', 'float16'],
  ['int32', 'int32'],
  ['uint16', 'uint16'],
  ['uint8', 'uint8'],
  ['bool', 'bool'],
  ['complex64', 'complex64'],
]);

export interface LaidOutWeights {
  readonly entries: Entry[];
  readonly others: OtherArray[];
}

/**
 * Lays the weights of a group out in its files, one after the other without gaps (tfjs-core,
 * io_utils.ts, `decodeWeights`), adding to `into`.
 *
 * @throws CheckpointFormatError where files and weights do not agree.
 */
export async function layOutWeights(
  group: ShardGroup,
  weights: readonly ManifestWeight[],
  into: LaidOutWeights,
): Promise<void> {
  const bytes = new PagedBytes(group);
  let offset = 0;
  for (const weight of weights) {
    const what = `weight ${JSON.stringify(weight.name)}`;
    if (weight.dtype === 'string') {
      const { name, shape } = weight;
      const strings = await readStrings(bytes, { offset, count: elementCount(shape), what });
      const place = placeOf(group.runs(offset, strings.nbytes));
      into.others.push({ name, dtype: 'string', shape, ...strings, ...place, before: into.entries.length });
      offset += strings.nbytes;
    } else {
      const dtype = DTYPES.get(weight.dtype);
      if (!dtype)
        return bytes.fail(`${what} is of dtype ${JSON.stringify(weight.dtype)}, which TensorFlow.js lacks`, offset);
      const storedDType = weight.quantization?.dtype ?? dtype;
      const nbytes = bytesFor(storedDType, elementCount(weight.shape));
      bytes.check(offset, nbytes, `${what}, ${storedDType} ${formatShape(weight.shape)},`);
      const runs = group.runs(offset, nbytes);
      const stored: StoredBytes = { runs, compression: 'none', length: nbytes, crc32: null, start: 0, nbytes };
      if (weight.quantization && dtype !== 'float32' && dtype !== 'int32') {
        return bytes.fail(`${what} is quantized, but of dtype ${dtype}; float32 and int32 can be`, offset);
      }
      into.entries.push(entryOf({ ...weight, dtype }, stored, group.firstFile));
      offset += nbytes;
    }
  }
  if (offset !== group.size) bytes.fail(`the weights end here, but their files go on to byte ${group.size}`, offset);
}

function entryOf(weight: ManifestWeight & { readonly dtype: DType }, stored: StoredBytes, firstFile: number): Entry {
  const { name, dtype, shape, quantization } = weight;
  const { file, offset } = stored.runs[0] ?? { file: firstFile, offset: 0 };
  const entry = { name, dtype, shape, nbytes: bytesFor(dtype, elementCount(shape)), file, offset };
  const spans = stored.runs.length > 1;
  if (!quantization) return spans ? { ...entry, packed: stridedStorage(stored, contiguous(dtype)) } : entry;
  const { nbytes } = stored;
  return {
    ...entry,
    packed: affineStorage(stored, quantization),
    stored: {
      dtype: quantization.dtype,
      nbytes,
      ...(spans && { packed: stridedStorage(stored, contiguous(quantization.dtype)) }),
    },
    facts: { quantization: describe(quantization) },
  };
}

function describe({ dtype, scale, min }: Quantization): string {
  return scale === undefined ? `stored as ${dtype}` : `stored as ${dtype}: q × ${scale} + ${min}`;
}

/** Where an array lies, if that is in one piece. */
function placeOf(runs: StoredBytes['runs']): { readonly file?: number; readonly offset?: number } {
  const [only] = runs;
  return runs.length === 1 && only ? { file: only.file, offset: only.offset } : {};
}
