import type { SafetensorsHeader } from '../../checkpoint/safetensors/header.ts';
import { layoutSafetensors } from '../../checkpoint/safetensors/layout.ts';
import { bytesFor } from '../../ndarray/dtype.ts';
import type { TensorStep } from '../../ndarray/lazy-tensor.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { DocumentState } from '../state/document-state.ts';
import { plainSteps, standsOnItself } from '../state/plain-steps.ts';
import { stepsOf, type TensorState } from '../state/tensor-state.ts';
import { changedRuns } from './changed-runs.ts';
import { type OriginalFile, type Segment, segmentBytes, wholeTensor } from './content.ts';
import { joinSegments } from './join-segments.ts';
import { type Seal, sealBytes } from './seals.ts';

/** What a new file is made of: `base`, where there is one, copied whole, then `segments` over it. */
export interface FileContent {
  readonly base: OriginalFile | null;
  readonly segments: readonly Segment[];
  /** Checksums of what the new file holds; they are mended when all else stands. */
  readonly seals?: readonly Seal[];
  readonly size: number;
}

export interface ContentRequest {
  readonly state: DocumentState;
  /** What the file shall hold, in document order. */
  readonly tensors: readonly TensorState[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The file that the new one descends from; null for one without a forebear. */
  readonly original: { readonly header: SafetensorsHeader; readonly file: OriginalFile } | null;
}

/** Lays out a safetensors file; where no tensor moves, only what differs from the original is a segment. */
export function planContent(request: ContentRequest): FileContent {
  const { state, tensors, metadata, original } = request;
  const layout = layoutSafetensors({
    original: original?.header ?? null,
    tensors: tensors.map(({ id, name, dtype, steps }) => {
      const entry = state.entry(id);
      const nbytes = steps ? bytesFor(dtype, elementCount(entry.shape)) : entry.nbytes;
      return { name, dtype, shape: entry.shape, nbytes, origin: original ? state.stored(id) : null };
    }),
    metadata,
  });
  const placed = tensors.map((tensor, i) => ({ tensor, offset: layout.offsets[i] ?? 0 }));
  const header: Segment = { kind: 'bytes', to: 0, bytes: layout.header };
  if (original && staysPut(request, layout, placed)) {
    const changed = byOffset(placed).flatMap(({ tensor, offset }) => changedSegments(state, tensor, offset));
    const segments = joinSegments(layout.sameHeader ? changed : [header, ...changed]);
    return { base: original.file, segments, size: layout.total };
  }
  const body = byOffset(placed).map(({ tensor, offset }) => wholeSegment(state, tensor, offset));
  return { base: null, segments: joinSegments([header, ...body]), size: layout.total };
}

export function isUnchanged({ base, segments }: FileContent): boolean {
  return base !== null && segments.length === 0;
}

/** Bytes of the new file that are not copied from its base. */
export function patchBytes({ segments, seals = [] }: FileContent): number {
  return segments.reduce((sum, segment) => sum + segmentBytes(segment), 0) + sealBytes(seals);
}

interface Placed {
  readonly tensor: TensorState;
  readonly offset: number;
}

function byOffset(placed: readonly Placed[]): Placed[] {
  return placed.toSorted((a, b) => a.offset - b.offset);
}

function staysPut(
  { state, original }: ContentRequest,
  { header, total }: { readonly header: Uint8Array; readonly total: number },
  placed: readonly Placed[],
): boolean {
  return (
    original !== null &&
    header.length === original.header.bytes.length &&
    total === original.file.stamp.size &&
    placed.every(({ tensor, offset }) => offset === state.entry(tensor.id).offset)
  );
}

/** What differs from the stored bytes of a tensor whose place, `offset`, stays the same. */
export function changedSegments(state: DocumentState, tensor: TensorState, offset: number): Segment[] {
  if (tensor.steps === null) return [];
  const lazy = state.lazy(tensor.id);
  const runs = standsOnItself(state, tensor) ? changedRuns(lazy.shape, stepsOver(state, tensor)) : null;
  if (runs === null) return [wholeTensor(lazy, offset)];
  return runs.map((run) => ({
    kind: 'elements',
    to: offset + bytesFor(tensor.dtype, run.start),
    tensor: lazy,
    ...run,
  }));
}

function stepsOver(state: DocumentState, tensor: TensorState): readonly TensorStep[] {
  return plainSteps(state, tensor) ?? stepsOf(tensor).map(({ step }) => step);
}

/** All elements of a tensor, in their dense form: copied where they lie in a file as they are. */
export function wholeSegment(state: DocumentState, tensor: TensorState, to: number): Segment {
  if (plainSteps(state, tensor)?.length !== 0) return wholeTensor(state.lazy(tensor.id), to);
  const region = state.region(tensor.id);
  return { kind: 'copy', to, file: region, from: region.offset, nbytes: region.nbytes };
}
