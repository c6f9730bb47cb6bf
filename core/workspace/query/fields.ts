import { elementCount } from '../../ndarray/shape.ts';
import type { ScalarStats } from '../scan/scalar-stats.ts';
import type { TensorFacts } from './query.ts';

/** What a number may be written with: `MB`, `k`, `%`. */
export type FieldUnit = 'bytes' | 'count' | 'share' | 'value';

interface Field {
  readonly unit: FieldUnit;
  /** Further spellings. */
  readonly aliases: readonly string[];
  /** Null of a tensor that has no such value: no finite elements, or a dtype without it. */
  readonly of:
    | { readonly structure: (facts: TensorFacts) => number }
    | { readonly statistics: (statistics: ScalarStats) => number | null };
}

function statistic(name: keyof ScalarStats, unit: FieldUnit, aliases: readonly string[] = []): Field {
  return { unit, aliases, of: { statistics: (statistics) => statistics[name] } };
}

/** Every number that a query can compare. */
export const FIELDS = {
  size: { unit: 'bytes', aliases: ['bytes', 'nbytes'], of: { structure: ({ bytes }) => bytes } },
  rank: { unit: 'count', aliases: ['ndim'], of: { structure: ({ shape }) => shape.length } },
  elements: { unit: 'count', aliases: ['numel', 'count'], of: { structure: ({ shape }) => elementCount(shape) } },
  min: statistic('min', 'value'),
  max: statistic('max', 'value'),
  range: {
    unit: 'value',
    aliases: ['ptp'],
    of: { statistics: ({ min, max }) => (min === null || max === null ? null : max - min) },
  },
  absmax: {
    unit: 'value',
    aliases: ['maxabs'],
    of: {
      statistics: ({ min, max }) => (min === null || max === null ? null : Math.max(Math.abs(min), Math.abs(max))),
    },
  },
  mean: statistic('mean', 'value'),
  std: statistic('std', 'value'),
  l1: statistic('l1', 'value'),
  l2: statistic('l2', 'value'),
  zeros: statistic('zeros', 'count', ['zero']),
  nans: statistic('nans', 'count', ['nan']),
  infs: statistic('infs', 'count', ['inf']),
  negatives: statistic('negatives', 'count', ['negative']),
  distinct: statistic('distinct', 'count'),
  sparsity: statistic('sparsity', 'share'),
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof FIELDS;

const BY_SPELLING: ReadonlyMap<string, FieldName> = new Map(
  (Object.keys(FIELDS) as FieldName[]).flatMap((name) =>
    [name, ...FIELDS[name].aliases].map((spelling) => [spelling, name] as const),
  ),
);

/** The field that is spelt so, in any case; null where there is none. */
export function fieldNamed(spelling: string): FieldName | null {
  return BY_SPELLING.get(spelling.toLowerCase()) ?? null;
}

export const FIELD_SPELLINGS: readonly string[] = [...BY_SPELLING.keys()];

export function isStatistic(name: FieldName): boolean {
  return 'statistics' in FIELDS[name].of;
}

/** Throws where the field needs statistics that `facts` has not. */
export function quantityOf(name: FieldName, facts: TensorFacts): number | null {
  const { of }: Field = FIELDS[name];
  if ('structure' in of) return of.structure(facts);
  if (facts.statistics === null) throw new Error(`${name} of ${facts.name} was not computed.`);
  return of.statistics(facts.statistics);
}
