import { expect, test } from 'vitest';
import { InvalidArgumentError } from '../../../core/errors.ts';
import type { ParameterAttributes } from '../../../core/parameter/attributes.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';

test('P-240: what the Parameter lacks is taken over', () => {
  const p = new Parameter('w');
  p.checkAndSetAttr({ shape: [2, 0], init: 'ones' });
  expect(p).toMatchObject({ shape: [2, -1], init: 'ones' });
});

test.each([
  { stored: [0, 5], asked: [3, 0], merged: [3, 5] },
  { stored: [0, 5], asked: [-1, 5], merged: [-1, 5] },
  { stored: [3, 5], asked: [3, 0], merged: [3, 5] },
  { stored: [0], asked: 7, merged: [7] },
])('P-241, P-246: $asked asked of $stored gives $merged', ({ stored, asked, merged }) => {
  const p = new Parameter('w', { shape: stored });
  p.checkAndSetAttr({ shape: asked });
  expect(p.shape).toEqual(merged);
});

test.each([
  { stored: [2, 5], asked: [3, 5] },
  { stored: [2, 5], asked: [2, 5, 1] },
  { stored: [2, 5], asked: null },
])('P-242, P-246: $asked asked of $stored is refused', ({ stored, asked }) => {
  const p = new Parameter('w', { shape: stored });
  expect(() => p.checkAndSetAttr({ shape: asked })).toThrow(InvalidArgumentError);
  expect(() => p.checkAndSetAttr({ shape: asked })).toThrow(/does not match with stored for attribute 'shape'/);
  expect(p.shape).toEqual(stored);
});

test('P-243: an equal dtype is accepted', () => {
  const p = new Parameter('w', { dtype: 'int8' });
  p.checkAndSetAttr({ dtype: 'int8' });
  expect(() => p.checkAndSetAttr({ dtype: 'int16' })).toThrow("attribute 'dtype': desired 'int16' vs stored 'int8'");
});

test('P-244: what is equal or asked as null is accepted and sets nothing, all else is refused', () => {
  const p = new Parameter('w', { lrMult: 2, init: 'Xavier', allowDeferredInit: true });
  p.checkAndSetAttr({ lrMult: 2, wdMult: null, gradReq: null, differentiable: true, stype: 'default' });
  p.checkAndSetAttr({ init: '["xavier", {"rnd_type": "uniform", "factor_type": "avg", "magnitude": 3}]' });
  expect(p).toMatchObject({ lrMult: 2, wdMult: 1, gradReq: 'write', init: 'Xavier' });
  const asked: ParameterAttributes[] = [
    { lrMult: 3 },
    { init: 'ones' },
    { gradStype: 'csr' },
    { allowDeferredInit: false },
  ];
  for (const attributes of asked) expect(() => p.checkAndSetAttr(attributes)).toThrow(InvalidArgumentError);
});

test('P-245: another gradReq is refused, and so is an attribute that does not exist (decision)', () => {
  const p = new Parameter('w');
  expect(() => p.checkAndSetAttr({ gradReq: 'null' })).toThrow(
    "Cannot retrieve Parameter 'w' because desired attribute does not match with stored for attribute 'gradReq': desired 'null' vs stored 'write'.",
  );
  const unknown = { colour: 'red' } as ParameterAttributes;
  expect(() => p.checkAndSetAttr(unknown)).toThrow(/Parameter 'w' has no attribute 'colour'/);
});

test('a request of which one attribute does not fit sets none', () => {
  const p = new Parameter('w');
  expect(() => p.checkAndSetAttr({ shape: [2], dtype: 'int8' })).toThrow(InvalidArgumentError);
  expect(p.shape).toBeNull();
});
