import { InvalidArgumentError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Document } from './contract.ts';
import type { Edit } from './edits.ts';

export interface CopyRequest {
  /** Ids in the source document. */
  readonly tensors: readonly number[];
  /** What becomes of a name that the target has already; `skip` leaves the target's tensor as it is. */
  readonly collision: 'refuse' | 'replace' | 'rename' | 'skip';
  /** `target`: as the tensor that is replaced. */
  readonly dtype: DType | 'source' | 'target';
  readonly shape: 'source' | 'target';
}

/**
 * Copies tensors of one open document into another under their own names, an edit for each. Where one
 * cannot be copied, those before it are taken back and its reason is thrown.
 */
export async function copyTensors(target: Document, source: Document, request: CopyRequest): Promise<void> {
  const { tensors, collision, dtype, shape } = request;
  const taken = new Set(target.listing().names);
  const nameOf = namesById(source);
  const names = tensors
    .map((id) => nameOf.get(id) ?? '')
    .filter((name) => name !== '' && !(collision === 'skip' && taken.has(name)));
  if (names.length === 0) {
    throw new InvalidArgumentError('None of the tensors is left to copy: all of their names are here already.');
  }
  const from = target.id === source.id ? {} : { document: source.id };
  let done = 0;
  try {
    for (const name of names) {
      const isReplaced = collision === 'replace' && taken.has(name);
      const edit: Edit = {
        kind: 'copy',
        source: { tensor: name, ...from },
        name,
        collision: collision === 'skip' ? 'refuse' : collision,
        dtype: dtype === 'target' && !isReplaced ? 'source' : dtype,
        shape: isReplaced ? shape : 'source',
      };
      await target.edit(edit);
      done += 1;
    }
  } catch (error) {
    for (; done > 0; done--) await target.undo();
    throw error;
  }
}

function namesById(document: Document): Map<number, string> {
  const { ids, names } = document.listing();
  return new Map(names.map((name, position) => [ids[position] ?? -1, name]));
}
