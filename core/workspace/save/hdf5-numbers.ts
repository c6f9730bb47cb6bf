import { open } from 'node:fs/promises';
import { bytesFor } from '../../ndarray/dtype.ts';
import { type LazyTensor, resultDType } from '../../ndarray/lazy-tensor.ts';
import type { ElementRun } from './changed-runs.ts';
import type { Preparation } from './format-writer.ts';

/** Evaluated at once. */
const PIECE_BYTES = 8 * 1024 * 1024;

/** A scratch file with the elements of `runs` at their places, holes between them. */
export async function evaluatedNumbers(
  tensor: LazyTensor,
  runs: readonly ElementRun[],
  { engine, signal, scratch }: Preparation,
): Promise<string> {
  const path = await scratch();
  const itemsize = bytesFor(resultDType(tensor), 1);
  await using target = await open(path, 'r+');
  for (const { start, count } of runs) {
    for (let done = 0; done < count; ) {
      const length = Math.min(count - done, PIECE_BYTES / itemsize);
      const bytes = await engine.read(tensor, start + done, length, { signal, priority: 'background' });
      await target.write(bytes, 0, bytes.length, (start + done) * itemsize);
      done += length;
    }
  }
  return path;
}
