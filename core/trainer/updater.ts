import type { NDArray } from '../device/nd-array.ts';
import { warnings } from '../warnings.ts';
import type { Key, Optimizer, OptimizerState } from './optimizer.ts';

/** Updates weights by an optimizer and keeps its state for each. After `mxnet.optimizer.Updater`. */
export class Updater {
  optimizer: Optimizer;
  readonly #states = new Map<Key, OptimizerState>();

  constructor(optimizer: Optimizer) {
    this.optimizer = optimizer;
  }

  get states(): ReadonlyMap<Key, OptimizerState> {
    return this.#states;
  }

  /** Enqueues one update of `weight` in place; both arrays are on one device. */
  update(key: Key, grad: NDArray, weight: NDArray): void {
    this.optimizer.update(key, { weight, grad, state: this.#stateOf(key, weight) });
  }

  /** Takes over `states`, on whatever device they are; what there was is freed. */
  replaceStates(states: ReadonlyMap<Key, OptimizerState>): void {
    for (const key of [...this.#states.keys()]) this.remove(key);
    for (const [key, state] of states) this.#states.set(key, state);
  }

  remove(key: Key): void {
    for (const array of Object.values(this.#states.get(key) ?? {})) array.dispose();
    this.#states.delete(key);
  }

  #stateOf(key: Key, weight: NDArray): OptimizerState {
    const known = this.#states.get(key);
    const lost = known && Object.values(known).some((array) => array.lost);
    if (lost) {
      warnings.emit('UserWarning', `The optimizer's state of weight ${key} was lost with its device and starts anew.`);
    }
    const state = known && !lost ? movedTo(known, weight) : this.optimizer.createState(weight);
    this.#states.set(key, state);
    return state;
  }
}

/** The state itself where it is on the weight's device, as it is but once after it was loaded. */
function movedTo(state: OptimizerState, { device }: NDArray): OptimizerState {
  const entries = Object.entries(state);
  if (entries.every(([, array]) => array.device.equals(device))) return state;
  const moved = entries.map(([name, array]) => [name, array.copyTo(device)] as const);
  for (const [, array] of entries) array.dispose();
  return Object.fromEntries(moved);
}
