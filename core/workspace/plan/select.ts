import { NotFoundError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { TensorState } from '../state/tensor-state.ts';
import { matchesGlob } from './glob.ts';

/**
 * The tensors that `select` names, in document order for a glob and in the given order for a list.
 * A string that is a tensor's name means that tensor, whatever it would match as a glob. Throws
 * `NotFoundError` for an unknown name in a list and for a glob without a match.
 */
export function selectTensors(state: DocumentState, select: string | readonly string[]): TensorState[] {
  if (typeof select !== 'string') return [...new Set(select)].map((name) => state.byName(name));
  if (state.has(select)) return [state.byName(select)];
  if (!/[*?]/.test(select)) return [state.byName(select)];
  const matching = [...state.tensors()].filter(({ name }) => matchesGlob(select, name));
  if (matching.length > 0) return matching;
  throw new NotFoundError(
    `'${select}' matches none of the ${state.count} tensors. * stands for any run of characters, ? for one; the whole name must match.`,
    { select },
  );
}
