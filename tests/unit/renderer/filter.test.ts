import { expect, test } from 'vitest';
import { matches, parseFilter } from '../../../renderer/tree/filter.ts';
import { listingOf } from './listing-of.ts';

const listing = listingOf([
  { name: 'model.embed.weight', dtype: 'bfloat16', shape: [32_000, 4096], bytes: 262_144_000 },
  { name: 'model.layers.0.attn.q.weight', dtype: 'bfloat16', shape: [4096, 4096], bytes: 33_554_432 },
  { name: 'model.layers.0.attn.q.bias', dtype: 'float32', shape: [4096], bytes: 16_384 },
  { name: 'model.layers.0.Norm.weight', dtype: 'float32', shape: [14_096], bytes: 16_384 },
  { name: 'scale', dtype: 'float8_e4m3fn', shape: [], bytes: 1 },
]);
const lowerNames = listing.names.map((name) => name.toLowerCase());
const found = (text: string): string[] =>
  [...matches(listing, lowerNames, parseFilter(text))].map((i) => listing.names[i]!.replace('model.', ''));

test.each([
  ['', ['embed.weight', 'layers.0.attn.q.weight', 'layers.0.attn.q.bias', 'layers.0.Norm.weight', 'scale']],
  ['norm', ['layers.0.Norm.weight']],
  ['attn weight', ['layers.0.attn.q.weight']],
  ['dtype:bf16', ['embed.weight', 'layers.0.attn.q.weight']],
  ['dtype:F32', ['layers.0.attn.q.bias', 'layers.0.Norm.weight']],
  ['dtype:f8', ['scale']],
  ['dtype:e4m3', ['scale']],
  ['shape:4096', ['embed.weight', 'layers.0.attn.q.weight', 'layers.0.attn.q.bias']],
  ['size>100MB', ['embed.weight']],
  ['size<=16384', ['layers.0.attn.q.bias', 'layers.0.Norm.weight', 'scale']],
  ['size>=32MiB dtype:bf16', ['embed.weight', 'layers.0.attn.q.weight']],
  ['size:1', ['scale']],
  ['*.bias', ['layers.0.attn.q.bias']],
  ['model.layers.?.attn.*', ['layers.0.attn.q.weight', 'layers.0.attn.q.bias']],
  ['(', []],
])('%j finds %j', (text, names) => {
  expect(found(text)).toEqual(names);
});

test.each([
  ['size>plenty', 'size wants bytes'],
  ['size>3XB', 'size wants bytes'],
  ['shape:a', 'shape: wants one size'],
  ['dtype:', 'dtype: wants a name'],
])('%j is explained, and does not hide anything', (text, problem) => {
  expect(parseFilter(text).problems.join()).toContain(problem);
  expect(found(text)).toHaveLength(listing.count);
});
