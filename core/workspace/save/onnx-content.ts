import type { Entry } from '../../checkpoint/checkpoint.ts';
import type { FileLayout, LayoutPiece } from '../../checkpoint/layout-pieces.ts';
import type { FoundTensor } from '../../checkpoint/onnx/graph.ts';
import { modelEdits, type OnnxTensor, type TensorPlan } from '../../checkpoint/onnx/model-edits.ts';
import { newModel } from '../../checkpoint/onnx/new-model.ts';
import type { OnnxCheckpoint } from '../../checkpoint/onnx/reader.ts';
import { MODEL_SHAPE } from '../../checkpoint/onnx/schema.ts';
import { type Edit, type Piece, patchMessage } from '../../checkpoint/protobuf/patch.ts';
import { WireReader } from '../../checkpoint/protobuf/wire-reader.ts';
import { InvalidArgumentError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import { changedSegments, type FileContent } from './file-content.ts';
import { joinSegments } from './join-segments.ts';
import { type ExternalContent, type ExternalPlaces, externalContents, externalPlaces } from './onnx-external.ts';
import { piecesContent } from './pieces-content.ts';
import { type SavedTensor, savedTensors } from './saved-tensor.ts';

/** No reader of Protocol Buffers takes more in one message. */
const MAX_MODEL = 2 ** 31 - 1;

/** What a save makes of a model and of the files beside it, by their places in `checkpoint.files`; null for a file that stays. */
export interface OnnxContents {
  readonly model: FileContent | null;
  readonly external: readonly ExternalContent[];
}

/** `inline`: values of other files come into the model, which is then a file of its own. */
export async function onnxContents(
  checkpoint: OnnxCheckpoint,
  { state, inline }: { readonly state: DocumentState; readonly inline: boolean },
): Promise<OnnxContents> {
  const tensors = savedTensors(state);
  const places = inline ? new Map() : externalPlaces(checkpoint, tensors);
  const plans = tensorPlans(checkpoint, { tensors, places, inline });
  const model = await modelContent(checkpoint, { state, tensors, plans });
  return { model, external: inline ? [] : externalContents(checkpoint, { state, tensors, places }) };
}

interface Planning {
  readonly tensors: readonly SavedTensor[];
  readonly places: ExternalPlaces;
  readonly inline: boolean;
}

type Plan = TensorPlan<number>;

/** Tensors that were in the model, with what becomes of each; `value` is the tensor's place in `tensors`. */
function tensorPlans(checkpoint: OnnxCheckpoint, { tensors, places, inline }: Planning): Plan[] {
  const founds = foundTensors(checkpoint);
  return tensors.flatMap((tensor, index) => {
    const { origin } = tensor;
    const found = origin && founds.get(origin);
    if (!origin || !found) return [];
    return [
      { found, former: origin, tensor: { ...tensor, value: index }, values: valuesOf({ tensor, origin, found }) },
    ];
  });

  function valuesOf(of: { tensor: SavedTensor; origin: Entry; found: FoundTensor }): Plan['values'] {
    const { tensor, origin, found } = of;
    if (origin.file > 0) {
      if (inline) return { kind: 'raw' };
      const offset = places.get(tensor.id);
      return offset === undefined ? { kind: 'kept' } : { kind: 'external', offset };
    }
    if (!tensor.edited) return { kind: 'kept' };
    const stays = origin.dtype === tensor.dtype && origin.nbytes === tensor.nbytes && !origin.packed && !found.sparse;
    const at = { start: origin.offset, stop: origin.offset + origin.nbytes };
    return stays && origin.nbytes > 0 ? { kind: 'over', at } : { kind: 'raw' };
  }
}

/** What each tensor of the file is in its graphs. */
export function foundTensors({ entries, found }: OnnxCheckpoint): ReadonlyMap<Entry, FoundTensor> {
  const founds = new Map<Entry, FoundTensor>();
  entries.forEach((entry, index) => {
    const tensor = found[index];
    if (tensor) founds.set(entry, tensor);
  });
  return founds;
}

interface Modelling {
  readonly state: DocumentState;
  readonly tensors: readonly SavedTensor[];
  readonly plans: readonly Plan[];
}

async function modelContent(
  checkpoint: OnnxCheckpoint,
  { state, tensors, plans }: Modelling,
): Promise<FileContent | null> {
  const { model, source } = checkpoint;
  const [file] = checkpoint.files;
  if (!file) throw new TypeError(`${checkpoint.path} has no file.`);
  const kept = new Set(plans.map(({ found }) => found));
  const edits = modelEdits<number>({
    model,
    size: source.size,
    kept: plans,
    deleted: [...foundTensors(checkpoint).values()].filter((found) => !kept.has(found)),
    added: tensors.flatMap((tensor, value): OnnxTensor<number>[] => (tensor.origin ? [] : [{ ...tensor, value }])),
    metadata: state.metadata,
  });
  if (edits.length === 0) return null;
  const states = tensors.map((tensor) => tensor.state);
  if (plans.length > 0 && isOnlyValues(edits, plans)) {
    const segments = plans.flatMap(({ tensor, former, values }) =>
      values.kind === 'over'
        ? changedSegments(state, states[tensor.value] ?? failed(former.name), values.at.start)
        : [],
    );
    return { base: file, segments: joinSegments(segments.toSorted((a, b) => a.to - b.to)), size: source.size };
  }
  const reader = new WireReader(source);
  const pieces = await reader.run(patchMessage(reader, MODEL_SHAPE, edits));
  const layout = layoutOf(pieces);
  checkSize(layout.total, source.size);
  const placeOf = ({ id }: TensorState): number | null => {
    const stored = state.stored(id);
    return stored?.file === 0 && !stored.packed ? stored.offset : null;
  };
  return piecesContent(layout, { state, tensors: states, file, placeOf });
}

function failed(name: string): never {
  throw new TypeError(`The tensor ${name} is not among those that are saved.`);
}

/** Nothing but elements changes, each in its place: then no byte around them has to be written again. */
function isOnlyValues(edits: readonly Edit<number>[], plans: readonly Plan[]): boolean {
  const over = plans.filter(({ values }) => values.kind === 'over').length;
  return edits.length === over && edits.every(({ kind, at }) => kind === 'replace' && at.stop > at.start);
}

function layoutOf(pieces: readonly Piece<number>[]): FileLayout {
  const laidOut: LayoutPiece[] = [];
  let to = 0;
  for (const piece of pieces) {
    switch (piece.from) {
      case 'file':
        laidOut.push({ kind: 'copy', to, from: piece.start, nbytes: piece.stop - piece.start });
        to += piece.stop - piece.start;
        break;
      case 'bytes':
        laidOut.push({ kind: 'bytes', to, bytes: piece.bytes });
        to += piece.bytes.length;
        break;
      case 'value':
        laidOut.push({ kind: 'values', to, tensor: piece.value });
        to += piece.nbytes;
        break;
    }
  }
  return { pieces: laidOut, total: to };
}

/** A model that is nothing but the tensors of a document. */
export function newOnnxContent(state: DocumentState): FileContent {
  const tensors = savedTensors(state);
  const layout = layoutOf(
    newModel(
      tensors.map((tensor, value) => ({ ...tensor, value })),
      state.metadata,
    ),
  );
  checkSize(layout.total, 0);
  const states = tensors.map((tensor) => tensor.state);
  return piecesContent(layout, { state, tensors: states, file: null, placeOf: () => null });
}

function checkSize(total: number, former: number): void {
  if (total <= Math.max(MAX_MODEL, former)) return;
  throw new InvalidArgumentError(
    `The model would take ${total} bytes; a file of Protocol Buffers has at most ${MAX_MODEL}. Save as safetensors instead.`,
  );
}
