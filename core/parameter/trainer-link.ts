import type { Device } from '../device/device.ts';
import type { NDArray } from '../device/nd-array.ts';
import type { RowSparseNDArray } from '../device/sparse.ts';
import { InvalidStateError } from '../errors.ts';
import type { Parameter } from './parameter.ts';
import type { ParameterState } from './parameter-state.ts';

export interface RowSparsePull {
  /** Rows to fetch, of any shape and integer dtype; repeated and in any order (P-205). */
  readonly rowIds: NDArray;
  /** Where the result is to be. */
  readonly device: Device;
  /** `rowIds` are all rows there are, in order (T-025). */
  readonly all: boolean;
}

/** What a Parameter asks of the Trainer it was given to (P-164, P-190 … P-208). Implemented by core/trainer. */
export interface ParameterTrainer {
  /**
   * Called by `setData` of an initialized Parameter before it writes. Where the Trainer's store holds
   * the weights, the store starts anew from the copies at the next step (P-164); else nothing happens (P-165).
   *
   * @throws InvalidStateError where the store is distributed; the Parameter then stays as it was.
   */
  beforeSetData(parameter: Parameter): void;
  /** A new array of the Parameter's full shape that holds just the distinct requested rows, ascending. */
  rowSparsePull(parameter: Parameter, request: RowSparsePull): RowSparseNDArray;
}

/** P-190 … P-194: the last one wins, but a sparse Parameter has one at a time. A collected one counts as none. */
export function linkTrainer(state: ParameterState, trainer: ParameterTrainer | null): void {
  const held = state.trainer?.deref();
  if (state.stype !== 'default' && held && trainer && held !== trainer) {
    throw new InvalidStateError(
      `Failed to set the trainer for Parameter '${state.name}' because it was already set. More than one trainers for a ${state.stype} Parameter is not supported.`,
      { parameter: state.name },
    );
  }
  state.trainer = trainer && new WeakRef(trainer);
}
