import type { NDArray } from '../device/nd-array.ts';
import { fillNormal, fillUniform, fillWith } from './fill.ts';
import type { InitDesc } from './init-desc.ts';

/**
 * What an initializer sets every element to, whatever the others are: a part of an array can then be had
 * without the rest. Random values follow from an element's position.
 */
export type ElementRule =
  | { readonly kind: 'value'; readonly value: number | bigint }
  /** In [`low`, `high`). */
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  /** Around 0, with standard deviation `sigma`. */
  | { readonly kind: 'normal'; readonly sigma: number };

/** Sets `array` to what `rule` makes of the elements from position `start` on, a multiple of four. */
export function fillByRule(
  desc: InitDesc | string,
  array: NDArray,
  { rule, start = 0 }: { readonly rule: ElementRule; readonly start?: number },
): void {
  switch (rule.kind) {
    case 'value':
      fillWith(array, rule.value);
      return;
    case 'uniform':
      fillUniform(desc, array, { low: rule.low, high: rule.high, start });
      return;
    case 'normal':
      fillNormal(desc, array, { sigma: rule.sigma, start });
      return;
  }
}
