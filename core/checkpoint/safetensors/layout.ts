import { InvalidArgumentError, UnsupportedDTypeError } from '../../errors.ts';
import { bytesFor, type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import { elementCount, formatShape, type Shape } from '../../ndarray/shape.ts';
import type { Entry } from '../checkpoint.ts';
import { canonicalOrder, metadataMember, tensorMember } from './canonical.ts';
import { tokenOfDType } from './dtypes.ts';
import { MAX_HEADER, METADATA_KEY, PREFIX, type SafetensorsHeader } from './header.ts';
import { paddedLength, sealHeader } from './header-bytes.ts';
import { patchHeader } from './header-patch.ts';

/** A tensor of the file to be written. */
export interface LayoutTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  /** What it was in `original`; null for a tensor that comes from elsewhere. */
  readonly origin: Entry | null;
}

export interface LayoutRequest {
  /** The header of the file that is saved anew; null to write a file as the reference serializer does. */
  readonly original: SafetensorsHeader | null;
  /** In document order. */
  readonly tensors: readonly LayoutTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Layout {
  /** The file up to its data: length prefix, text, padding. */
  readonly header: Uint8Array;
  /** Where each tensor's data begin in the new file; parallel to the request's tensors. */
  readonly offsets: readonly number[];
  /** Bytes of the new file. */
  readonly total: number;
  /** True where `header` equals the original's byte for byte. */
  readonly sameHeader: boolean;
  /** By how many bytes all data that were there moved, 0 for not at all; null where they do not move as one. */
  readonly dataShift: number | null;
}

/**
 * What the header of a saved file is and where its data go; reads and writes nothing.
 *
 * Of an existing file the header's text is patched where something changed; whitespace, key order,
 * escapes and unknown fields stay, and a change that is undone in a later save restores the file byte
 * for byte (only escapes that the reference would not have written come back in its spelling).
 * Without an original the file is the one that the reference serializer writes.
 *
 * @throws InvalidArgumentError for a name that repeats, is reserved or cannot be stored, and where the
 *   header would exceed the format's limit.
 * @throws UnsupportedDTypeError for a dtype that the format lacks, or whose elements do not fill whole bytes.
 */
export function layoutSafetensors(request: LayoutRequest): Layout {
  if (request.original && isAsBefore(request, request.original)) return sameLayout(request.original);
  checkTensors(request.tensors);
  const layout = request.original ? patchHeader(request, request.original) : canonicalLayout(request);
  if (layout.header.length - PREFIX > MAX_HEADER) {
    throw new InvalidArgumentError(
      `The header would take ${layout.header.length - PREFIX} bytes; safetensors allows ${MAX_HEADER}.`,
    );
  }
  return layout;
}

/** Names, dtypes, shapes and metadata are all the file's own: values may have changed, the header has not. */
function isAsBefore({ tensors, metadata }: LayoutRequest, original: SafetensorsHeader): boolean {
  return (
    tensors.length === original.entries.length &&
    tensors.every((tensor, index) => {
      const entry = original.entries[index];
      const { origin, name, dtype, shape, nbytes } = tensor;
      const isSame = entry && name === entry.name && dtype === entry.dtype && nbytes === entry.nbytes;
      return isSame && origin === entry && shape === entry.shape;
    }) &&
    JSON.stringify(metadata) === JSON.stringify(original.metadata)
  );
}

function sameLayout({ bytes, entries, fileSize }: SafetensorsHeader): Layout {
  const offsets = entries.map(({ offset }) => offset);
  return { header: bytes, offsets, total: fileSize, sameHeader: true, dataShift: 0 };
}

function canonicalLayout({ tensors, metadata }: LayoutRequest): Layout {
  const order = tensors.map((tensor, index) => ({ tensor, index }));
  order.sort((a, b) => canonicalOrder(a.tensor, b.tensor));
  const begins = new Array<number>(tensors.length).fill(0);
  const members: string[] = Object.keys(metadata).length > 0 ? [metadataMember(metadata)] : [];
  let end = 0;
  for (const { tensor, index } of order) {
    begins[index] = end;
    members.push(tensorMember({ ...tensor, begin: end }));
    end += tensor.nbytes;
  }
  const text = Buffer.from(`{${members.join(',')}}`);
  const header = sealHeader(text, paddedLength(text.length, { remainder: 0, spare: 0 }));
  const offsets = begins.map((begin) => header.length + begin);
  return { header, offsets, total: header.length + end, sameHeader: false, dataShift: null };
}

/** What packs several elements into a byte leaves no rest; dtypes that the format lacks are refused by name. */
function fillsBytes(dtype: DType, shape: Shape): boolean {
  return tokenOfDType(dtype) === undefined || (dtypeInfo(dtype).bits * elementCount(shape)) % 8 === 0;
}

function checkTensors(tensors: readonly LayoutTensor[]): void {
  const names = new Set<string>();
  for (const { name, dtype, shape, nbytes } of tensors) {
    if (name === METADATA_KEY) {
      throw new InvalidArgumentError(`No tensor can be called "${METADATA_KEY}": the format keeps that name.`);
    }
    if (names.has(name)) throw new InvalidArgumentError(`Two tensors would be called ${JSON.stringify(name)}.`);
    names.add(name);
    const wanted = bytesFor(dtype, elementCount(shape));
    if (wanted !== nbytes) {
      throw new InvalidArgumentError(
        `${JSON.stringify(name)}, ${formatShape(shape)} of ${dtype}, takes ${wanted} bytes, not ${nbytes}.`,
      );
    }
    if (!fillsBytes(dtype, shape)) {
      throw new UnsupportedDTypeError(
        `safetensors cannot store ${JSON.stringify(name)}: ${formatShape(shape)} of ${dtype} does not fill whole bytes. Cast it to another dtype first.`,
      );
    }
  }
}
