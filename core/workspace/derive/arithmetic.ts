import { Worker } from 'node:worker_threads';
import type { Expression } from '../../ndarray/expression.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { TensorEngine } from '../../stats/engine.ts';
import type { ArithmeticPiece } from './arithmetic.worker.ts';

/** Of each source, and of the result, so many elements are in memory at once. */
const PIECE_ELEMENTS = 256 * 1024;

export interface ArithmeticWork {
  readonly expression: Expression;
  /** Plain, of `count` elements or of one. */
  readonly sources: readonly LazyTensor[];
  readonly count: number;
  readonly engine: TensorEngine;
}

/** Works an expression out on a thread of its own: float64 storage bytes, in order. */
export async function* arithmeticPieces({
  expression,
  sources,
  count,
  engine,
}: ArithmeticWork): AsyncGenerator<Uint8Array> {
  const worker = new Worker(new URL('./arithmetic.worker.js', import.meta.url), { workerData: expression });
  try {
    for (let start = 0; start < count; start += PIECE_ELEMENTS) {
      const length = Math.min(PIECE_ELEMENTS, count - start);
      const operands: ArithmeticPiece['operands'][number][] = [];
      for (const source of sources) {
        const isOne = elementCount(source.shape) === 1;
        const values = await float64(engine, source, isOne ? { start: 0, length: 1 } : { start, length });
        operands.push(isOne ? (values[0] ?? Number.NaN) : values);
      }
      yield new Uint8Array((await answer(worker, { count: length, operands })).buffer);
    }
  } finally {
    await worker.terminate();
  }
}

async function float64(
  engine: TensorEngine,
  source: LazyTensor,
  { start, length }: { readonly start: number; readonly length: number },
): Promise<Float64Array<ArrayBuffer>> {
  const widened = { ...source, steps: [...source.steps, { kind: 'cast', dtype: 'float64' } as const] };
  const bytes = await engine.read(widened, start, length, { priority: 'background' });
  return new Float64Array(Uint8Array.from(bytes).buffer);
}

function answer(worker: Worker, piece: ArithmeticPiece): Promise<Float64Array<ArrayBuffer>> {
  const transfer = piece.operands.flatMap((operand) => (typeof operand === 'number' ? [] : [operand.buffer]));
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.removeAllListeners();
      act();
    };
    worker.once('message', (result: Float64Array<ArrayBuffer>) => settle(() => resolve(result)));
    worker.once('error', (error: Error) => settle(() => reject(error)));
    worker.once('exit', () => settle(() => reject(new Error('The thread that works out an expression ended.'))));
    worker.postMessage(piece, transfer);
  });
}
