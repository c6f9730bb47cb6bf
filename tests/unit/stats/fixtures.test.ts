import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { bytesFor, type DType, isDType } from '../../../core/ndarray/dtype.ts';
import type { LazyTensor } from '../../../core/ndarray/lazy-tensor.ts';
import { elementCount } from '../../../core/ndarray/shape.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { type ExpectedTensor, type Fixture, validFixtures } from '../../fixtures/catalog.ts';
import { stampOf } from './support.ts';

const engine = createTensorEngine();

afterAll(() => engine.close());

const COUNTS = ['count', 'zeros', 'nans', 'infs'] as const;
const MEASURES = ['min', 'max', 'mean', 'std', 'l2'] as const;

function dtypeOf(tensor: ExpectedTensor): DType {
  if (!isDType(tensor.dtype_norm)) throw new Error(`${tensor.name} has the unknown dtype ${tensor.dtype_norm}`);
  return tensor.dtype_norm;
}

/** Where the data of a safetensors file begins, and where in it its header says that the tensors lie. */
function layoutOf(path: string): { start: number; offsets: Map<string, number> } {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, { data_offsets?: readonly number[] }>;
  const offsets = Object.entries(header).map(([name, entry]) => [name, entry.data_offsets?.[0] ?? 0] as const);
  return { start, offsets: new Map(offsets) };
}

function lazyTensors({ path, expected }: Fixture): { expected: ExpectedTensor; tensor: LazyTensor }[] {
  const { start, offsets } = layoutOf(path);
  const stamp = stampOf(path);
  return expected.tensors.map((entry) => {
    const dtype = dtypeOf(entry);
    const offset = start + (offsets.get(entry.name) ?? Number.NaN);
    const nbytes = bytesFor(dtype, elementCount(entry.shape));
    return {
      expected: entry,
      tensor: { dtype, shape: entry.shape, region: { path, offset, nbytes, stamp }, steps: [] },
    };
  });
}

/** Fixtures write what JSON cannot as strings. */
function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

describe('the fixtures', () => {
  for (const fixture of validFixtures().filter(({ expected }) => expected.format === 'safetensors')) {
    it(`${fixture.id} has the hashes and statistics that its maker recorded`, async () => {
      for (const { expected, tensor } of lazyTensors(fixture)) {
        expect([expected.name, await engine.hash(tensor)]).toEqual([expected.name, expected.sha256]);
        const recorded = expected.stats;
        if (recorded === undefined) continue;
        const stats = await engine.stats(tensor);
        for (const key of COUNTS) expect([expected.name, key, stats[key]]).toEqual([expected.name, key, recorded[key]]);
        for (const key of MEASURES.filter((name) => name in recorded)) {
          const [actual, wanted] = [stats[key], numberOf(recorded[key])];
          const near = actual !== null && wanted !== null && Math.abs(actual - wanted) <= 1e-9 * Math.abs(wanted);
          expect([expected.name, key, near ? wanted : actual]).toEqual([expected.name, key, wanted]);
        }
      }
    });
  }
});
