import { InvalidArgumentError } from '../errors.ts';
import type { DType } from '../ndarray/dtype.ts';
import type { Document } from './contract.ts';

export interface CopyRequest {
  /** Ids in the source document. */
  readonly tensors: readonly number[];
  /** What becomes of a name that the target has already; `skip` leaves the target's tensor as it is. */
  readonly collision: 'refuse' | 'replace' | 'rename' | 'skip';
  /** `target`: as the tensor that is replaced. */
  readonly dtype: DType | 'source' | 'target';
  readonly shape: 'source' | 'target';
}

/** Copies tensors of one open document into another under their own names, as they are now: one edit, all of them or none. */
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
  const edits = names.map((name) => {
    const isReplaced = collision === 'replace' && taken.has(name);
    return {
      kind: 'copy',
      source: { tensor: name, ...from },
      name,
      collision: collision === 'skip' ? 'refuse' : collision,
      dtype: dtype === 'target' && !isReplaced ? 'source' : dtype,
      shape: isReplaced ? shape : 'source',
    } as const;
  });
  const label = `Copy ${names.length} tensors${target.id === source.id ? '' : ` from ${source.summary().name}`}`;
  await target.edit({ kind: 'batch', ...(edits.length > 1 && { label }), edits });
}

function namesById(document: Document): Map<number, string> {
  const { ids, names } = document.listing();
  return new Map(names.map((name, position) => [ids[position] ?? -1, name]));
}
