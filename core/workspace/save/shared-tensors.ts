import type { WritableFormat } from '../../checkpoint/checkpoint.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import type { SharedTensor } from '../summary.ts';
import { savedTensor } from './saved-tensor.ts';

/** Of a list that people read. */
const MAX_LISTED = 100;

/** Formats that keep one storage for several tensors. */
const KEEPS_SHARING: ReadonlySet<WritableFormat> = new Set(['pytorch']);

interface SaveKind {
  /** Whether the document's own files are saved over: what nobody edited then stays as it is. */
  readonly own: boolean;
  readonly format: WritableFormat;
}

/** Of tied tensors, and of those that share their stored bytes with others: what the save makes of it. */
export function sharedTensors(state: DocumentState, { own, format }: SaveKind): SharedTensor[] {
  const keeps = KEEPS_SHARING.has(format);
  const shared: SharedTensor[] = [];
  for (const tensor of state.tensors()) {
    if (!mayShare(state, tensor)) continue;
    const others = state.sharing(tensor.id);
    const isUntouched = own && keeps && tensor.steps === null && tensor.tie === undefined;
    if (others.length === 0 || isUntouched) continue;
    const tied = keeps ? tiedInFile(state, tensor) : [];
    const lost = others.filter((other) => !tied.includes(other));
    const { name } = tensor;
    if (lost.length === 0) shared.push({ name, with: tied, stays: true, bytes: 0 });
    else shared.push({ name, with: lost, stays: false, bytes: savedTensor(state, tensor).nbytes });
    if (shared.length === MAX_LISTED) break;
  }
  return shared;
}

function mayShare(state: DocumentState, { id, tie }: TensorState): boolean {
  return typeof tie === 'number' || state.stored(id)?.storageGroup !== undefined;
}

/** Storages are of one file: tied tensors of two shards get one each. */
function tiedInFile(state: DocumentState, tensor: TensorState): string[] {
  const { file } = state.entry(tensor.id);
  return state.tiedTo(tensor).flatMap(({ id, name }) => (state.entry(id).file === file ? [name] : []));
}
