import { InvalidArgumentError, UnsupportedDTypeError } from '../../errors.ts';
import { type DType, groupElements } from '../../ndarray/dtype.ts';
import { formatShape, type Shape } from '../../ndarray/shape.ts';
import type { FileLayout, LayoutPiece } from '../layout-pieces.ts';
import { HeadBytes } from './head-bytes.ts';
import type { GGUFField, GGUFHeader } from './header.ts';
import { MAGIC } from './magic.ts';
import { typeNumberOf } from './tensor-types.ts';
import type { GGUFTensor } from './tensors.ts';

/** A tensor of the file to be written. */
export interface GGUFLayoutTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly nbytes: number;
  /** Its index among the original's tensors; null for one that comes from elsewhere. */
  readonly origin: number | null;
  /** Whether its values or its dtype are not those of its origin. */
  readonly edited: boolean;
}

/** A key with its value: one of the original, copied as it stands, or the bytes of all of it. */
export type GGUFLayoutField = GGUFField | { readonly bytes: Uint8Array };

export interface GGUFLayoutRequest {
  /** The file that is saved anew, with its size; null for a new file. */
  readonly original: { readonly header: GGUFHeader; readonly size: number } | null;
  readonly version: number;
  readonly littleEndian: boolean;
  readonly alignment: number;
  readonly fields: readonly GGUFLayoutField[];
  /** In document order, which is that of their descriptions. */
  readonly tensors: readonly GGUFLayoutTensor[];
}

/** `GGML_MAX_NAME` less the NUL behind it: a longer name makes llama.cpp refuse the file. */
export const MAX_NAME_BYTES = 63;
/** `GGML_MAX_DIMS`. */
export const MAX_RANK = 4;
const FIXED_HEAD = 24;

/**
 * What a saved GGUF file consists of; reads and writes nothing. Of an existing file fields that no edit
 * touched are copied as they stand; where no tensor changes its size, the data keep their places relative
 * to each other, with what lies between them. Otherwise they follow each other in their old order, aligned.
 *
 * @throws UnsupportedDTypeError, InvalidArgumentError for a tensor that GGUF cannot hold.
 */
export function layoutGGUF(request: GGUFLayoutRequest): FileLayout {
  const { alignment, fields, tensors, original } = request;
  for (const tensor of tensors) checkTensor(tensor, original);
  const headBytes = fields.reduce((sum, field) => sum + fieldBytes(field), FIXED_HEAD) + descriptionsBytes(tensors);
  const dataStart = aligned(headBytes, alignment);
  const data = keepsPlaces(request)
    ? { offsets: tensors.map((tensor) => placeOf(tensor, original) ?? 0), end: null }
    : inSequence(tensors, { original, alignment });
  const head = headPieces(request, data.offsets);
  if (original && data.end === null) return keptLayout(request, { original, head, headBytes, dataStart });
  const body = tensors.map((tensor, index) => {
    const to = dataStart + (data.offsets[index] ?? 0);
    const former = formerOf(tensor, original);
    if (!former || tensor.edited) return { kind: 'values', to, tensor: index } as const;
    return { kind: 'copy', to, from: former.offset, nbytes: former.nbytes } as const;
  });
  return { pieces: [...head, ...body.toSorted((a, b) => a.to - b.to)], total: dataStart + (data.end ?? 0) };
}

/** The data stay as they are, behind a head that may have another length. */
function keptLayout(
  { tensors }: GGUFLayoutRequest,
  { original: { header, size }, head, headBytes, dataStart }: KeptRequest,
): FileLayout {
  const beyond = size - header.dataStart;
  // A file without data may end right behind its head.
  const total = beyond >= 0 ? dataStart + beyond : headBytes + Math.max(0, size - header.tensorsStop);
  const pieces = [...head];
  if (total === size && headBytes < header.tensorsStop) {
    pieces.push({ kind: 'bytes', to: headBytes, bytes: new Uint8Array(header.tensorsStop - headBytes) });
  }
  return { pieces: [...pieces, ...keptData(tensors, { header, size, dataStart })], total };
}

interface KeptRequest {
  readonly original: NonNullable<Original>;
  readonly head: readonly LayoutPiece[];
  readonly headBytes: number;
  readonly dataStart: number;
}

type Original = GGUFLayoutRequest['original'];

function aligned(position: number, alignment: number): number {
  return Math.ceil(position / alignment) * alignment;
}

function fieldBytes(field: GGUFLayoutField): number {
  return 'bytes' in field ? field.bytes.length : field.stop - field.at;
}

function descriptionsBytes(tensors: readonly GGUFLayoutTensor[]): number {
  return tensors.reduce((sum, { name, shape }) => sum + 8 + Buffer.byteLength(name) + 4 + 8 * shape.length + 12, 0);
}

function formerOf({ origin }: GGUFLayoutTensor, original: Original): GGUFTensor | undefined {
  return origin === null ? undefined : original?.header.tensors[origin];
}

/** Bytes from the start of the data to the tensor, in the original. */
function placeOf(tensor: GGUFLayoutTensor, original: Original): number | null {
  const former = formerOf(tensor, original);
  return original && former ? former.offset - original.header.dataStart : null;
}

/** All tensors of the original are there, in their order, and as large as they were. */
function keepsPlaces({ original, tensors, alignment }: GGUFLayoutRequest): boolean {
  if (!original || original.header.alignment !== alignment) return false;
  if (original.header.tensors.length !== tensors.length) return false;
  return tensors.every(({ origin, nbytes }, i) => origin === i && original.header.tensors[i]?.nbytes === nbytes);
}

/** Data in the order in which they lay, new ones behind. */
function inSequence(
  tensors: readonly GGUFLayoutTensor[],
  { original, alignment }: { readonly original: Original; readonly alignment: number },
): { readonly offsets: readonly number[]; readonly end: number } {
  const order = tensors.map((tensor, index) => ({ index, nbytes: tensor.nbytes, place: placeOf(tensor, original) }));
  order.sort(
    (a, b) => (a.place ?? Number.POSITIVE_INFINITY) - (b.place ?? Number.POSITIVE_INFINITY) || a.index - b.index,
  );
  const offsets = new Array<number>(tensors.length).fill(0);
  let end = 0;
  for (const { index, nbytes } of order) {
    offsets[index] = end;
    // The last one is padded as well: ggml reads whole multiples.
    end = aligned(end + nbytes, alignment);
  }
  return { offsets, end };
}

function headPieces(request: GGUFLayoutRequest, offsets: readonly number[]): LayoutPiece[] {
  const { original, fields, tensors } = request;
  const pieces: LayoutPiece[] = [fixedHead(request)];
  let to = FIXED_HEAD;
  for (const field of fields) {
    const nbytes = fieldBytes(field);
    pieces.push(
      'bytes' in field ? { kind: 'bytes', to, bytes: field.bytes } : { kind: 'copy', to, from: field.at, nbytes },
    );
    to += nbytes;
  }
  if (original && isDescribedAlike(request, offsets)) {
    const { tensorsStart, tensorsStop } = original.header;
    pieces.push({ kind: 'copy', to, from: tensorsStart, nbytes: tensorsStop - tensorsStart });
  } else if (tensors.length > 0) pieces.push({ kind: 'bytes', to, bytes: descriptions(request, offsets) });
  return pieces;
}

function fixedHead({ original, version, littleEndian, fields, tensors }: GGUFLayoutRequest): LayoutPiece {
  const { header } = original ?? {};
  if (header && header.tensors.length === tensors.length && header.fields.length === fields.length) {
    return { kind: 'copy', to: 0, from: 0, nbytes: FIXED_HEAD };
  }
  const head = new HeadBytes(littleEndian).bytes(Buffer.from(MAGIC)).u32(version);
  return { kind: 'bytes', to: 0, bytes: head.u64(tensors.length).u64(fields.length).finish() };
}

function isDescribedAlike({ original, tensors }: GGUFLayoutRequest, offsets: readonly number[]): boolean {
  if (!original || original.header.tensors.length !== tensors.length) return false;
  return tensors.every(({ name, dtype, shape }, i) => {
    const former = original.header.tensors[i];
    const isSame = former && name === former.name && dtype === former.type.dtype;
    return (
      isSame &&
      formatShape(shape) === formatShape(former.shape) &&
      offsets[i] === former.offset - original.header.dataStart
    );
  });
}

function descriptions({ tensors, littleEndian }: GGUFLayoutRequest, offsets: readonly number[]): Buffer {
  const bytes = new HeadBytes(littleEndian);
  for (const [i, { name, dtype, shape }] of tensors.entries()) {
    bytes.string(name).u32(shape.length);
    for (const size of shape.toReversed()) bytes.u64(size);
    bytes.u32(typeNumberOf(dtype) ?? 0).u64(offsets[i] ?? 0);
  }
  return bytes.finish();
}

/** The data section of the original with the edited tensors in their places; what lies between stays. */
function keptData(
  tensors: readonly GGUFLayoutTensor[],
  { header, size, dataStart }: { readonly header: GGUFHeader; readonly size: number; readonly dataStart: number },
): LayoutPiece[] {
  const shift = dataStart - header.dataStart;
  const pieces: LayoutPiece[] = [];
  let done = header.dataStart;
  const copyTo = (stop: number): void => {
    if (stop > done) pieces.push({ kind: 'copy', to: done + shift, from: done, nbytes: stop - done });
    done = Math.max(done, stop);
  };
  const edited = tensors.flatMap((tensor, index) =>
    tensor.edited ? [{ index, at: header.tensors[index]?.offset ?? 0 }] : [],
  );
  for (const { index, at } of edited.sort((a, b) => a.at - b.at)) {
    copyTo(at);
    pieces.push({ kind: 'values', to: at + shift, tensor: index });
    done = at + (tensors[index]?.nbytes ?? 0);
  }
  copyTo(size);
  return pieces;
}

/** What stays as the original has it is not judged. */
function checkTensor(tensor: GGUFLayoutTensor, original: Original): void {
  const { name, dtype } = tensor;
  const former = formerOf(tensor, original);
  const badName = former?.name === name ? null : nameProblem(name);
  if (badName !== null) throw new InvalidArgumentError(badName, { name });
  const problem = former && !tensor.edited ? null : tensorProblem(tensor);
  if (problem === null) return;
  throw typeNumberOf(dtype) === undefined
    ? new UnsupportedDTypeError(problem, { name, dtype, format: 'gguf' })
    : new InvalidArgumentError(problem, { name });
}

/** Why GGUF cannot hold such a tensor, as a sentence; null where it can. */
export function tensorProblem({
  name,
  dtype,
  shape,
}: Pick<GGUFLayoutTensor, 'name' | 'dtype' | 'shape'>): string | null {
  const what = JSON.stringify(name);
  if (typeNumberOf(dtype) === undefined) {
    return `GGUF cannot store ${dtype} (${what}): cast it first, for example to float32.`;
  }
  if (shape.length > MAX_RANK) {
    return `GGUF tensors have at most ${MAX_RANK} axes; ${what} has the shape ${formatShape(shape)}: reshape it first.`;
  }
  if ((shape.at(-1) ?? 1) % groupElements(dtype) !== 0) {
    return `Rows of ${dtype} are multiples of ${groupElements(dtype)} elements; ${what} has the shape ${formatShape(shape)}.`;
  }
  return null;
}

/** Why a tensor of a GGUF file cannot be called so, as a sentence; null where it can. */
export function nameProblem(name: string): string | null {
  const length = Buffer.byteLength(name);
  if (length <= MAX_NAME_BYTES) return null;
  return `Names of GGUF tensors have at most ${MAX_NAME_BYTES} bytes; ${JSON.stringify(name)} has ${length}: rename it first.`;
}
