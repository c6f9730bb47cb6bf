import { expect, test } from 'vitest';
import { nearestName } from '../../../core/workspace/state/nearest-name.ts';

const names = ['encoder.layer.0.weight', 'encoder.layer.0.bias', 'decoder.weight'];

test.each([
  ['encoder.layer.0.wieght', 'encoder.layer.0.weight'],
  ['ENCODER.layer.0.bias', 'encoder.layer.0.bias'],
  ['layer.0.bias', 'encoder.layer.0.bias'],
  ['decoder.weigh', 'decoder.weight'],
  ['something else entirely', null],
  ['', null],
])('%s is most likely %s', (wanted, expected) => {
  expect(nearestName(wanted, names)).toBe(expected);
});
