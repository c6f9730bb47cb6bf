import fc from 'fast-check';
import { expect, test } from 'vitest';
import { threefry } from '../../../core/device/worker/operators/threefry.ts';

type Words = readonly [number, number, number, number];

const ROTATIONS = [
  [10, 26],
  [11, 21],
  [13, 27],
  [23, 5],
  [6, 20],
  [17, 11],
  [25, 10],
  [18, 20],
];

/** The generator as the paper states it, word by word. */
function reference(counter: Words, key: Words): Words {
  const schedule = [...key, key.reduce((parity, word) => parity ^ word, 0x1bd11bda)];
  const inject = (words: number[], times: number) =>
    words.map((word, i) => (word + schedule[(times + i) % 5]! + (i === 3 ? times : 0)) >>> 0);
  let words = inject([...counter], 0);
  for (let round = 0; round < 20; round++) {
    const [first, second] = ROTATIONS[round % 8]!;
    const [a, b] = round % 2 === 0 ? [1, 3] : [3, 1];
    words[0] = (words[0]! + words[a]!) >>> 0;
    words[a] = (rotate(words[a]!, first!) ^ words[0]) >>> 0;
    words[2] = (words[2]! + words[b]!) >>> 0;
    words[b] = (rotate(words[b]!, second!) ^ words[2]) >>> 0;
    if (round % 4 === 3) words = inject(words, (round + 1) / 4);
  }
  return words as unknown as Words;
}

function rotate(word: number, by: number): number {
  return ((word << by) | (word >>> (32 - by))) >>> 0;
}

function words(key: [number, number], stream: [number, number], first: number, count = 4): number[] {
  const out = new Int32Array(count);
  threefry({ key, stream }, first, out);
  return Array.from(out, (word) => word >>> 0);
}

const ONES = 0xffffffff;

test.each<[Words, Words, Words]>([
  [
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8],
  ],
  [
    [ONES, ONES, ONES, ONES],
    [ONES, ONES, ONES, ONES],
    [0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89],
    [0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84],
  ],
])('the reference of these tests gives the known answers of Random123', (counter, key, answer) => {
  expect(reference(counter, key)).toEqual(answer);
});

test('every word is that of the reference, beyond counters of 2^32 too', () => {
  const word = fc.integer({ min: 0, max: ONES });
  const first = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32));
  fc.assert(
    fc.property(fc.tuple(word, word), fc.tuple(word, word), first, (key, stream, counter) => {
      const high = Math.floor(counter / 2 ** 32);
      expect(words(key, stream, counter)).toEqual(reference([counter >>> 0, high, ...stream], [...key, 0, 0]));
    }),
  );
});

test('any part of a stream is had without the rest', () => {
  const whole = words([1, 2], [3, 4], 2 ** 32 - 2, 16);
  for (let i = 0; i < 4; i++) expect(words([1, 2], [3, 4], 2 ** 32 - 2 + i)).toEqual(whole.slice(4 * i, 4 * i + 4));
});
