import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError, InvalidStateError } from '../errors.ts';
import type { InitDesc } from './init-desc.ts';
import { Initializer } from './initializer.ts';
import { createInitializer, type InitializerSpec } from './registry.ts';

interface Choice {
  readonly pattern: RegExp;
  readonly initializer: Initializer;
}

/**
 * Chooses by name: the first pattern that matches from the start of the name says which initializer
 * sets the array. In a Parameter it sets by its weight rule, as any other does there.
 */
export class Mixed extends Initializer {
  readonly #choices: readonly Choice[];

  /** @throws InvalidArgumentError where the lists differ in length or a pattern is no regular expression. */
  constructor(patterns: readonly (string | RegExp)[], initializers: readonly InitializerSpec[]) {
    super();
    if (patterns.length !== initializers.length) {
      throw new InvalidArgumentError(
        `Mixed takes as many initializers as patterns, got ${initializers.length} for ${patterns.length}.`,
      );
    }
    this.#choices = initializers.map((spec, i) => ({
      pattern: anchored(patterns[i] ?? ''),
      initializer: createInitializer(spec),
    }));
  }

  override initWeight(desc: InitDesc | string, array: NDArray): void {
    this.#chosenFor(desc).initWeight(desc, array);
  }

  /** @throws InvalidStateError MXNet has no JSON for it. */
  override dumps(): string {
    throw new InvalidStateError('Mixed has no JSON form: dump the initializers that it chooses from.');
  }

  override toString(): string {
    return 'Mixed';
  }

  /** Patterns are not compared: equal only to itself. */
  override equals(other: Initializer): boolean {
    return other === this;
  }

  override initByName(desc: InitDesc | string, array: NDArray): void {
    this.#chosenFor(desc).initByName(desc, array);
  }

  #chosenFor(desc: InitDesc | string): Initializer {
    const name = String(desc);
    const choice = this.#choices.find(({ pattern }) => pattern.test(name));
    if (choice) return choice.initializer;
    throw new InvalidArgumentError(
      `Parameter name ${name} did not match any pattern. Consider adding a ".*" pattern at the end with a default Initializer.`,
    );
  }
}

function anchored(pattern: string | RegExp): RegExp {
  const source = typeof pattern === 'string' ? pattern : pattern.source;
  const flags = typeof pattern === 'string' ? '' : pattern.flags.replace(/[gy]/g, '');
  try {
    return new RegExp(`^(?:${source})`, flags);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidArgumentError(`A pattern of Mixed is no regular expression: ${reason}.`);
  }
}
