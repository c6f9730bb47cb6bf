import type { ParascopeError } from '../../errors.ts';
import { type Handle, neededBy, type Op, writtenBy } from '../protocol.ts';

/** Which arrays of a worker are spoiled, and which errors nobody has been told of yet. */
export class Failures {
  readonly #spoiled = new Map<Handle, ParascopeError>();
  /** Errors that spread from array to array are one failure, reported once. */
  readonly #seen = new WeakSet<ParascopeError>();
  /** Errors that no query has thrown yet, oldest first. */
  readonly #unreported = new Set<ParascopeError>();

  /** Throws the error that spoiled an array which `op` needs. */
  throwAny(op: Op): void {
    if (this.#spoiled.size === 0) return;
    for (const handle of neededBy(op)) this.throwFor(handle);
  }

  throwFor(handle: Handle): void {
    const error = this.#spoiled.get(handle);
    if (error) throw error;
  }

  /** Spoils what `op` was to write, and returns it. */
  record(op: Op, error: ParascopeError): readonly Handle[] {
    const written = writtenBy(op);
    for (const handle of written) this.#spoiled.set(handle, error);
    if (!this.#seen.has(error)) this.#unreported.add(error);
    this.#seen.add(error);
    return written;
  }

  /** Throws the error that spoiled the array, which from then on counts as told. */
  report(handle: Handle): void {
    const error = this.#spoiled.get(handle);
    if (!error) return;
    this.#unreported.delete(error);
    throw error;
  }

  reported(error: ParascopeError): void {
    this.#unreported.delete(error);
  }

  /** Throws the oldest error that nobody was told of; afterwards all count as told. */
  reportFirst(): void {
    const [first] = this.#unreported;
    this.#unreported.clear();
    if (first) throw first;
  }

  /** The array is freed: its handle means nothing any more. */
  forget(handle: Handle): void {
    this.#spoiled.delete(handle);
  }
}
