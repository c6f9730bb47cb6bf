import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches } from '../../../core/workspace/query/matches.ts';
import { parseQuery } from '../../../core/workspace/query/parse.ts';
import { findingsOf, FINDINGS as HOST_FINDINGS } from '../../../core/workspace/scan/health.ts';
import { FINDING_TEXTS, FINDINGS, findingCount } from '../../../renderer/format/findings.ts';
import { paceText } from '../../../renderer/format/pace.ts';
import { scalars } from '../scan/support.ts';

test('the filter of a finding finds what the host calls so', () => {
  expect(FINDINGS).toEqual(HOST_FINDINGS);
  const few = fc.nat(2);
  const statistics = fc
    .record({ count: few, zeros: few, nans: few, infs: few, low: fc.option(few), span: fc.nat(1) })
    .map(({ count, zeros, nans, infs, low, span }) =>
      scalars(count, {
        zeros: Math.min(zeros, count),
        nans,
        infs,
        min: low,
        max: low === null ? null : low + span,
        sparsity: count === 0 ? null : Math.min(zeros, count) / count,
      }),
    );
  fc.assert(
    fc.property(statistics, fc.constantFrom(...FINDINGS), (known, finding) => {
      const facts = { name: 'a', dtype: 'float32', shape: [known.count], bytes: 4 * known.count, statistics: known };
      const found = matches(parseQuery(FINDING_TEXTS[finding].filter), facts);
      expect(found).toBe(findingsOf(known).includes(finding));
    }),
  );
});

test('findings are counted in words', () => {
  expect(findingCount('nan', 1)).toBe('1 tensor with NaN');
  expect(findingCount('zero', 1200)).toBe('1,200 tensors all zero');
});

test.each([
  [{ done: 0, total: 100, seconds: 9 }, ''],
  [{ done: 2e9, total: 8e9, seconds: 1 }, '2.00 GB/s, 3 s left'],
  [{ done: 1e6, total: 1e9, seconds: 1 }, '1.00 MB/s, 17 min left'],
  [{ done: 5e6, total: 5e6, seconds: 5 }, '1.00 MB/s'],
])('the pace of %j is %j', (work, text) => {
  expect(paceText(work)).toBe(text);
});
