import { describe, expect, it } from 'vitest';
import { translate } from '../../../core/device/worker/gpu/glsl.ts';
import { inFours, placeInFours } from '../../../core/device/worker/gpu/program.ts';
import { walkCode } from '../../../core/device/worker/gpu/walk.ts';

describe('translate', () => {
  it('writes functions, declarations, conversions and bit casts in GLSL', () => {
    const code = `fn next(x: f32, n: i32) -> u32 {
  let bits: u32 = bitcast<u32>(x) + u32(n);
  var value: f32 = bitcast<f32>(bits);
  for (var i: i32 = 0; i < n; i = i + 1) { value = f32(i); }
  return bits;
}`;
    expect(translate(code)).toBe(`uint next(float x, int n) {
  uint bits = floatBitsToUint(x) + uint(n);
  float value = uintBitsToFloat(bits);
  for (int i = 0; i < n; i = i + 1) { value = float(i); }
  return bits;
}`);
  });
});

describe('parameters of programs', () => {
  it('lie in fours', () => {
    expect(inFours(['a', 'b', 'c', 'd', 'e'], { a: 1, b: 2, c: 3, d: 4, e: 5 })).toEqual([
      [1, 2, 3, 4],
      [5, 0, 0, 0],
    ]);
    expect(placeInFours(6)).toEqual({ four: 1, part: 'z' });
  });
});

describe('walkCode', () => {
  it('takes axes that lie alike as one', () => {
    const { name, integers } = walkCode([2, 3, 4], [{ start: 5, steps: [12, 4, 1] }], ['A']);
    expect(name).toBe('walkA1');
    expect(integers).toEqual({ ASize0: 24, AStart: 5, AStep0: 1 });
  });

  it('keeps axes apart where one of the arrays repeats', () => {
    const walks = [
      { start: 0, steps: [4, 1] },
      { start: 0, steps: [0, 1] },
    ];
    expect(walkCode([3, 4], walks, ['A', 'B']).integers).toMatchObject({ ASize0: 3, ASize1: 4, BStep0: 0, BStep1: 1 });
  });
});
