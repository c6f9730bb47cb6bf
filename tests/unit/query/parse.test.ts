import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidArgumentError } from '../../../core/errors.ts';
import { parseQuery } from '../../../core/workspace/query/parse.ts';
import { printQuery } from '../../../core/workspace/query/print.ts';
import type { Query } from '../../../core/workspace/query/query.ts';
import { anyQuery } from './queries.ts';

test('a printed query is read as the same query', () => {
  fc.assert(
    fc.property(anyQuery, (query) => {
      expect(parseQuery(printQuery(query))).toEqual(query);
    }),
    { numRuns: 1000 },
  );
});

test('any text is a query or an error that says where', () => {
  const piece = fc.constantFrom(
    '"',
    '/',
    'size',
    'name:',
    '>',
    '=',
    ',',
    '[',
    ']',
    '-',
    ' ',
    '1e3',
    'MB',
    '\\',
    '*',
    'x',
    ':',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        const query = parsed(text);
        if (query instanceof Error) {
          const { start, end } = query.details as { start: number; end: number };
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
        } else {
          expect(parseQuery(printQuery(query))).toEqual(query);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

function parsed(text: string): Query | InvalidArgumentError {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error;
    throw error;
  }
}

test.each([
  ['', ''],
  ['attn  weight', 'attn weight'],
  ['"two words"', '"two words"'],
  ['-bias', '-bias'],
  ['"-bias"', '"-bias"'],
  ['kernel:0', '"kernel:0"'],
  ['dtype:BF16,f32', 'dtype:bfloat16,float32'],
  ['dtype!=fp8', '-dtype:float8'],
  ['-dtype!=q4*', 'dtype:q4*'],
  ['shape:4096', 'shape:4096'],
  ['shape:4096X*,[3]', 'shape:[4096,*],[3]'],
  ['shape:[] rank>=3', 'shape:[] rank>=3'],
  ['size>100MB', 'size>100000000'],
  ['size<=1.5GiB', 'size<=1610612736'],
  ['bytes:0', 'size=0'],
  ['numel>2M', 'elements>2000000'],
  ['nan>0 ptp==0', 'nans>0 range=0'],
  ['sparsity>50%', 'sparsity>0.5'],
  ['mean=nan', 'mean=nan'],
  ['max:inf,-inf', 'max=inf,-inf'],
  ['name:/q_proj|k_proj/i', '/q_proj|k_proj/i'],
  ['name:/a/b,c', 'name:/a/b,c'],
  ['name:*.q,"a,*b"', 'name:*.q,"a,*b"'],
])('%s is %s', (text, canonical) => {
  expect(printQuery(parseQuery(text))).toBe(canonical);
});

test.each([
  [
    'attn size>plenty',
    10,
    "size compares with a number, as in size>100MB, not with 'plenty'. (character 11 of the query)",
  ],
  ['std<1MB', 4, 'std compares with a number'],
  ['zeros>', 0, 'not with nothing'],
  ['dtype:', 0, 'dtype: wants a name'],
  ['dtype:f17', 6, "There is no dtype 'f17'"],
  ['dtype>f16', 0, 'dtype has no order'],
  ['shape:4096xa', 6, 'shape: wants a size'],
  ['shape:', 6, 'shape: wants a size'],
  ['sise>3', 0, "There is no field 'sise'. Did you mean size?"],
  ['spasity:0', 0, 'Did you mean sparsity?'],
  ['gradient>3', 0, 'These are: size, rank'],
  ['rank>1,2', 0, 'rank> compares with one number'],
  ['min>nan', 0, 'nan has no order'],
  ['x "open', 2, 'The quote is not closed'],
  ['name:"a"b', 8, 'After a closing quote'],
  ['/(/', 0, 'Invalid regular expression'],
])('%s is refused at %i', (text, start, message) => {
  const error = parsed(text);
  expect(error).toBeInstanceOf(InvalidArgumentError);
  expect(error).toMatchObject({ message: expect.stringContaining(message), details: { start } });
});

test('only terms about elements need statistics', () => {
  expect(parseQuery('attn dtype:f16 size>1 rank=2 /a/').needsStatistics).toBe(false);
  expect(parseQuery('attn -std<1').needsStatistics).toBe(true);
});
