/**
 * What an initializer does to an array that has a name but no initializer of its own: only weights get
 * the initializer's values (initializers.md §3). Gluon's Parameters never come here.
 */

export type NameRule = 'weight' | 'zero' | 'one' | 'quantized weight' | 'bilinear' | 'identity transform';

export interface NamedRule {
  readonly rule: NameRule;
  /** What verbose initializers say the array was initialized as. */
  readonly label: string;
}

type Row = readonly [suffix: string, rule: NameRule];

/** First match wins. MXNet knows no moving_mean or running_mean here. */
const BY_SUFFIX: readonly Row[] = [
  ['weight', 'weight'],
  ['bias', 'zero'],
  ['gamma', 'one'],
  ['beta', 'zero'],
  ['min', 'zero'],
  ['max', 'one'],
  ['weight_quantize', 'quantized weight'],
  ['bias_quantize', 'zero'],
];

const BY_SUFFIX_OF_PLAIN_NAME: readonly Row[] = [
  ['bias', 'zero'],
  ['gamma', 'one'],
  ['beta', 'zero'],
  ['weight', 'weight'],
  ['moving_mean', 'zero'],
  ['moving_var', 'one'],
  ['moving_inv_var', 'zero'],
  ['moving_avg', 'zero'],
  ['min', 'zero'],
  ['max', 'one'],
];

/** The rule for the name of an InitDesc; null where there is none. */
export function ruleForName(name: string): NamedRule | null {
  return bySuffix(name, BY_SUFFIX);
}

/** The rule for a name that is given as a plain string (initializers.md §3b). */
export function ruleForPlainName(name: string): NamedRule | null {
  if (name.startsWith('upsampling')) return { rule: 'bilinear', label: 'upsampling' };
  if (name.startsWith('stn_loc') && name.endsWith('weight')) return { rule: 'zero', label: 'stn_loc weight' };
  if (name.startsWith('stn_loc') && name.endsWith('bias')) return { rule: 'identity transform', label: 'stn_loc bias' };
  return bySuffix(name, BY_SUFFIX_OF_PLAIN_NAME);
}

function bySuffix(name: string, rows: readonly Row[]): NamedRule | null {
  const row = rows.find(([suffix]) => name.endsWith(suffix));
  return row ? { label: row[0], rule: row[1] } : null;
}
