import { bytesFor, type DType } from '../../ndarray/dtype.ts';
import { elementCount, type Shape } from '../../ndarray/shape.ts';
import type { FileLayout, LayoutPiece } from '../layout-pieces.ts';
import { LIST_HEADER_BYTES, type ListFile } from './list-file.ts';
import type { ArrayRecord, RecordedArray } from './record.ts';
import { flagBytes, listHeader, namesBlock, recordHeader, versionFor } from './record-bytes.ts';

/** A tensor of the file to be written. */
export interface MXNetTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Its index among the original's records; null for a tensor that comes from elsewhere. */
  readonly record: number | null;
  /** Whether its values or its dtype are not those of the record. */
  readonly edited: boolean;
}

export interface MXNetLayoutRequest {
  /** The file that is saved anew, with its size; null to write one as MXNet does. */
  readonly original: { readonly list: ListFile; readonly size: number } | null;
  /** In document order, which is that of the records. */
  readonly tensors: readonly MXNetTensor[];
}

/**
 * What a saved list file consists of; reads and writes nothing. Of an existing file, records that no edit
 * touched are copied with all that they say (version, device, storage type), edited dense ones keep their
 * headers but for the type flag, and edited sparse ones become dense.
 *
 * @throws UnsupportedDTypeError for a dtype that MXNet lacks.
 */
export function layoutMXNet(request: MXNetLayoutRequest): FileLayout {
  const builder = new LayoutBuilder();
  if (request.original) layoutAnew(builder, request.original, request.tensors);
  else layoutNew(builder, request.tensors);
  return builder.layout();
}

class LayoutBuilder {
  readonly #pieces: LayoutPiece[] = [];
  #end = 0;

  bytes(bytes: Uint8Array): void {
    this.#pieces.push({ kind: 'bytes', to: this.#end, bytes });
    this.#end += bytes.length;
  }

  copy(from: number, to: number): void {
    if (to > from) this.#pieces.push({ kind: 'copy', to: this.#end, from, nbytes: to - from });
    this.#end += to - from;
  }

  values(tensor: number, { dtype, shape }: MXNetTensor): void {
    this.#pieces.push({ kind: 'values', to: this.#end, tensor });
    this.#end += bytesFor(dtype, elementCount(shape));
  }

  layout(): FileLayout {
    return { pieces: this.#pieces, total: this.#end };
  }
}

function layoutNew(builder: LayoutBuilder, tensors: readonly MXNetTensor[]): void {
  const dense = tensors.map((tensor) => ({ ...tensor, stype: 'default' as const, stored: 0 }));
  const version = versionFor(dense);
  builder.bytes(listHeader(tensors.length));
  for (const [index, tensor] of dense.entries()) {
    builder.bytes(recordHeader(tensor, version));
    builder.values(index, tensor);
  }
  builder.bytes(namesBlock(tensors.map(({ name }) => name)));
}

/** A record of the new file: one of the original, and the tensor that it stands for, if any. */
interface Kept {
  readonly record: ArrayRecord;
  readonly name: string;
  readonly tensor: { readonly index: number; readonly spec: MXNetTensor } | null;
}

function layoutAnew(
  builder: LayoutBuilder,
  { list, size }: NonNullable<MXNetLayoutRequest['original']>,
  tensors: readonly MXNetTensor[],
): void {
  const kept = keptRecords(list, tensors);
  const version = list.records.some((record) => record.version === 'V3') ? 'V3' : 'V2';
  if (kept.length === list.records.length) builder.copy(0, LIST_HEADER_BYTES);
  else builder.bytes(listHeader(kept.length));
  for (const { record, tensor } of kept) {
    if (!tensor?.spec.edited || !record.array) builder.copy(record.start, record.end);
    else if (record.array.sparse) {
      builder.bytes(recordHeader({ ...tensor.spec, stype: 'default', stored: 0 }, version));
      builder.values(tensor.index, tensor.spec);
    } else layoutEdited(builder, { start: record.start, array: record.array }, tensor);
  }
  const names = newNames(list, kept);
  if (sameNames(names, list.names)) builder.copy(list.namesOffset, list.end);
  else builder.bytes(namesBlock(names));
  builder.copy(list.end, size);
}

/** The header says the same as before, but for the dtype. */
function layoutEdited(
  builder: LayoutBuilder,
  { start, array }: { readonly start: number; readonly array: RecordedArray },
  { index, spec }: NonNullable<Kept['tensor']>,
): void {
  const { flagOffset, offset, dtype } = array;
  if (spec.dtype === dtype) builder.copy(start, offset);
  else {
    builder.copy(start, flagOffset);
    builder.bytes(flagBytes(spec.dtype, spec.name));
  }
  builder.values(index, spec);
}

/**
 * Records of "no array" stay, those of deleted tensors go. What another record of the same name hides stays
 * as long as that one does: it would come to light otherwise.
 */
function keptRecords(list: ListFile, tensors: readonly MXNetTensor[]): Kept[] {
  const byRecord = new Map(tensors.map((spec, index) => [spec.record, { index, spec }]));
  const lastOfName = new Map((list.names ?? []).map((name, index) => [name, index]));
  const kept: Kept[] = [];
  for (const [i, record] of list.records.entries()) {
    const former = list.names?.[i] ?? String(i);
    const tensor = byRecord.get(i) ?? null;
    const hider = lastOfName.get(former) ?? i;
    const hidden = hider !== i && (byRecord.get(hider)?.spec.name === former || !list.records[hider]?.array);
    if (tensor || !record.array || hidden) {
      kept.push({ record, name: tensor?.spec.name ?? former, tensor });
    }
  }
  return kept;
}

/** A list without names stays one as long as every array still goes by its position. */
function newNames(list: ListFile, kept: readonly Kept[]): string[] | null {
  const names = kept.map(({ name }) => name);
  return list.names === null && names.every((name, position) => name === String(position)) ? null : names;
}

function sameNames(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
