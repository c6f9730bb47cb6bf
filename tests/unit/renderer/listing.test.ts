import { expect, test } from 'vitest';
import { dtypeOf, shapeOf } from '../../../renderer/api/listing.ts';
import { listingOf } from './listing-of.ts';

test('a listing is decoded to what the host encoded', () => {
  const listing = listingOf([
    { name: 'embed.weight', dtype: 'bfloat16', shape: [150_000, 8192], bytes: 2_457_600_000 },
    { name: 'schritt/größe.😀', dtype: 'int64', shape: [], bytes: 8 },
    { name: '', dtype: 'bfloat16', shape: [0, 3], bytes: 0 },
  ]);
  expect(listing.count).toBe(3);
  expect([...listing.ids]).toEqual([100, 101, 102]);
  expect(listing.names).toEqual(['embed.weight', 'schritt/größe.😀', '']);
  expect([0, 1, 2].map((i) => dtypeOf(listing, i))).toEqual(['bfloat16', 'int64', 'bfloat16']);
  expect([0, 1, 2].map((i) => shapeOf(listing, i))).toEqual([[150_000, 8192], [], [0, 3]]);
  expect([...listing.bytes]).toEqual([2_457_600_000, 8, 0]);
});

test('sizes beyond 2^32 and a name that begins with a byte order mark survive', () => {
  const listing = listingOf([{ name: '\ufeffw', shape: [5_000_000_000], bytes: 2 ** 40 }, 'v']);
  expect(listing.names).toEqual(['\ufeffw', 'v']);
  expect(shapeOf(listing, 0)).toEqual([5_000_000_000]);
  expect(listing.bytes[0]).toBe(2 ** 40);
});

test('a document without tensors has an empty listing', () => {
  const listing = listingOf([]);
  expect(listing.count).toBe(0);
  expect(listing.names).toEqual([]);
});
