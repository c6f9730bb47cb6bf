import { expect, test } from 'vitest';
import { InvalidArgumentError, ShapeMismatchError } from '../../../core/errors.ts';
import type { DType } from '../../../core/ndarray/dtype.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import type { GradReq, StorageType } from '../../../core/parameter/parameter-options.ts';

const bad = <T>(value: unknown): T => value as T;

test('P-001, P-012: a Parameter made without arguments has the defaults and holds nothing', () => {
  const p = new Parameter();
  expect(p.name).toBe('weight');
  expect(p).toMatchObject({ gradReq: 'write', shape: null, dtype: 'float32', lrMult: 1, wdMult: 1 });
  expect(p).toMatchObject({ init: null, differentiable: true, stype: 'default', gradStype: 'default' });
  expect([p.status, p.copies(), p.gradients()]).toEqual(['uninitialized', [], []]);
});

test('P-002: a bare number as shape is a vector', () => {
  expect(new Parameter('w', { shape: 3 }).shape).toEqual([3]);
});

test('P-003: an empty shape is a scalar, null an unknown rank', () => {
  expect(new Parameter('w', { shape: [] }).shape).toEqual([]);
  expect(new Parameter('w', { shape: null }).shape).toBeNull();
});

test('P-004, P-028: gradReq is one of three words, in lower case', () => {
  for (const word of ['Write', 'NULL', 'sum', null, undefined]) {
    const make = () => new Parameter('w', { gradReq: bad<GradReq>(word ?? 'None') });
    expect(make).toThrow(InvalidArgumentError);
  }
  expect(() => new Parameter('w', { gradReq: bad('sum') })).toThrow(
    `grad_req of Parameter 'w' must be one of write, add, null, but got "sum".`,
  );
});

test('P-005, P-006: gradStype and stype are checked by name', () => {
  expect(() => new Parameter('w', { gradStype: bad<StorageType>('coo') })).toThrow(
    /grad_stype for Parameter 'w' must be .* but got "coo"/,
  );
  expect(() => new Parameter('w', { stype: bad<StorageType>('coo') })).toThrow(
    /^stype for Parameter 'w' must be .* but got "coo"/,
  );
});

test('P-007: of several bad arguments gradReq is told first, then gradStype', () => {
  const stypes = { gradStype: bad<StorageType>('a'), stype: bad<StorageType>('b') };
  expect(() => new Parameter('w', { gradReq: bad('x'), ...stypes })).toThrow(/^grad_req/);
  expect(() => new Parameter('w', stypes)).toThrow(/^grad_stype/);
});

test('P-008: what is not differentiable has gradReq null, but an invalid one is still refused', () => {
  expect(new Parameter('w', { differentiable: false, gradReq: 'add' }).gradReq).toBe('null');
  expect(() => new Parameter('w', { differentiable: false, gradReq: bad('x') })).toThrow(InvalidArgumentError);
});

test('P-009, P-016: Parameters of one name are told apart by identity and uuid', () => {
  const [a, b] = [new Parameter('w'), new Parameter('w')];
  expect(a.uuid).not.toBe(b.uuid);
  expect(new Map([[a, 1]]).has(b)).toBe(false);
});

test('P-010: the name cannot be changed afterwards', () => {
  const p: { name: string } = bad(new Parameter('w'));
  expect(() => {
    p.name = 'v';
  }).toThrow(TypeError);
  expect(p.name).toBe('w');
});

test('P-011: lrMult, wdMult and init may be changed later', () => {
  const p = new Parameter('w', { lrMult: 2 });
  p.lrMult = 3;
  p.wdMult = 0;
  p.init = 'zeros';
  expect(p).toMatchObject({ lrMult: 3, wdMult: 0, init: 'zeros' });
});

test('P-013, P-015: toString shows shape and dtype, None for an unknown rank', () => {
  expect(String(new Parameter('w', { shape: [2, 3] }))).toBe('Parameter (shape=(2, 3), dtype=float32)');
  expect(String(new Parameter('w', { shape: [0, 3], dtype: 'int8' }))).toBe('Parameter (shape=(-1, 3), dtype=int8)');
  expect(String(new Parameter('w'))).toBe('Parameter (shape=None, dtype=float32)');
});

test('P-020, P-027: setting gradReq checks it first and keeps null where nothing is differentiable', () => {
  const p = new Parameter('w', { differentiable: false });
  p.gradReq = 'write';
  expect(p.gradReq).toBe('null');
  expect(() => {
    p.gradReq = bad('x');
  }).toThrow(InvalidArgumentError);
});

test('P-021: before initialization gradReq is only a flag', () => {
  const p = new Parameter('w');
  p.gradReq = 'add';
  expect([p.gradReq, p.gradients()]).toEqual(['add', []]);
});

test('P-040, P-041, P-042, P-049: the dtype of a Parameter without data is stored, unknown ones are refused', () => {
  const p = new Parameter('w');
  p.dtype = 'float16';
  expect(p.dtype).toBe('float16');
  p.cast('int64');
  expect(p.dtype).toBe('int64');
  expect(() => p.cast(bad<DType>('float128'))).toThrow(`dtype of Parameter 'w' is unknown: "float128".`);
  expect(p.dtype).toBe('int64');
});

test('P-060, P-061: unknown sizes read back as -1, 0 is accepted for unknown', () => {
  expect(new Parameter('w', { shape: [0, -1, 5] }).shape).toEqual([-1, -1, 5]);
});

test('P-063: any shape may be assigned where the rank is unknown', () => {
  const p = new Parameter('w');
  p.shape = [4, 0];
  expect(p.shape).toEqual([4, -1]);
});

test.each([
  { given: [5, 3], next: [0, 3], fits: false },
  { given: [0, 3], next: [0, 3], fits: true },
  { given: [0, 3], next: [-1, 3], fits: true },
  { given: [-1, 3], next: [7, 3], fits: true },
  { given: [5, 3], next: [5, 4], fits: false },
  { given: [5, 3], next: [5, 3, 1], fits: false },
])('P-064, P-065, P-066: $next assigned to $given fits: $fits', ({ given, next, fits }) => {
  const p = new Parameter('fc', { shape: given });
  const before = p.shape;
  const assign = () => {
    p.shape = next;
  };
  if (fits) {
    assign();
    expect(p.shape).toEqual(next.map((size) => size || -1));
  } else {
    expect(assign).toThrow(ShapeMismatchError);
    expect(assign).toThrow(/Expected shape .* is incompatible with given shape .* for Parameter 'fc'/);
    expect(p.shape).toEqual(before);
  }
});

test('P-067: what is no list of integers is no shape', () => {
  const p = new Parameter('w', { shape: [2] });
  for (const value of [null, 'ab', [1.5]]) {
    expect(() => {
      p.shape = bad(value);
    }).toThrow(InvalidArgumentError);
  }
});

test('P-069: sizes below -1 are stored, and refused when the Parameter is to be initialized', () => {
  const p = new Parameter('w', { shape: [-2] });
  expect(() => p.initialize()).toThrow(ShapeMismatchError);
});

test('P-113: an unknown shape that may not be deferred is refused by initialize', () => {
  const p = new Parameter('w', { shape: [0, 3] });
  expect(() => p.initialize()).toThrow("Cannot initialize Parameter 'w' because it has invalid shape: (-1, 3)");
  expect(p.status).toBe('uninitialized');
});
