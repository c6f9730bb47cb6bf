import { coordinatesOf, formatShape } from '../core/ndarray/shape.ts';
import type { Compared, ComparedKind } from '../core/workspace/compare/compared.ts';
import type { MetadataDifference } from '../core/workspace/compare/metadata.ts';
import { formatCount, formatNumber, printable, table } from './output.ts';

const HEADINGS = ['', 'name', 'change', 'changed', 'max |Δ|', 'relative L2', 'cosine', 'first at', 'most at'];
const NUMERIC = [3, 4, 5, 6];
const MARKS: Readonly<Record<ComparedKind, string>> = {
  value: '~',
  dtype: '~',
  shape: '~',
  within: '≈',
  renamed: '>',
  added: '+',
  removed: '-',
  same: ' ',
};

/** Tensors that differ as a table, the furthest apart first, and a summary. */
export function describeDifferences(found: readonly Compared[], metadata: MetadataDifference): string[] {
  const differing = found.filter(({ kind }) => kind !== 'same').toSorted((a, b) => farOf(b) - farOf(a));
  return [
    ...(differing.length === 0 ? [] : [...table([HEADINGS, ...differing.map(rowOf)], NUMERIC), '']),
    ...describeMetadata(metadata),
    summaryOf(found),
  ];
}

/** What has no distance comes before all that has one. */
function farOf({ diff }: Compared): number {
  return diff === null ? Number.MAX_VALUE : Math.min(diff.relL2 ?? -1, Number.MAX_VALUE / 2);
}

function rowOf({ kind, before, after, diff }: Compared): string[] {
  const name = printable((after ?? before)?.name ?? '');
  const start = [MARKS[kind], kind === 'renamed' ? `${printable(before?.name ?? '')} → ${name}` : name];
  if (!before || !after) return [...start, kind];
  if (kind === 'shape') return [...start, `${formatShape(before.shape)} → ${formatShape(after.shape)}`];
  if (diff === null) return [...start, kind];
  const place = (index: number | null): string =>
    index === null ? '-' : `[${coordinatesOf(index, before.shape).join(',')}]`;
  return [
    ...start,
    before.dtype === after.dtype ? (kind === 'within' ? 'within' : 'values') : `${before.dtype} → ${after.dtype}`,
    formatCount(diff.changedCount),
    formatNumber(diff.maxAbs),
    formatNumber(diff.relL2),
    formatNumber(diff.cosine),
    place(diff.firstIndex),
    place(diff.maxIndex),
  ];
}

function describeMetadata({ added, removed, changed }: MetadataDifference): string[] {
  const lines = [
    ...removed.map((key) => `- metadata ${printable(key)}`),
    ...added.map((key) => `+ metadata ${printable(key)}`),
    ...changed.map(({ key }) => `~ metadata ${printable(key)}`),
  ];
  return lines.length === 0 ? [] : [...lines, ''];
}

const SUMMARY: readonly (readonly [words: string, ...kinds: ComparedKind[]])[] = [
  ['changed', 'value', 'dtype', 'shape'],
  ['within the tolerance', 'within'],
  ['renamed', 'renamed'],
  ['added', 'added'],
  ['removed', 'removed'],
  ['identical', 'same'],
];

function summaryOf(found: readonly Compared[]): string {
  if (found.every(({ kind }) => kind === 'same')) return 'The tensors are identical.';
  const counts = SUMMARY.map(([words, ...kinds]) => ({
    words,
    count: found.filter(({ kind }) => kinds.includes(kind)).length,
  }));
  return `${counts
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${formatCount(count)} ${words}`)
    .join(', ')}.`;
}
