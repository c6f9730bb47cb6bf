import { parentPort } from 'node:worker_threads';
import { CancelledError, InvalidStateError, ParascopeError } from '../../errors.ts';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';
import type { FromWorker, Piece, PieceResult, ToWorker } from '../messages.ts';
import { bins } from './bins.ts';
import { cells } from './cells.ts';
import { codes, summarize } from './codes.ts';
import { color } from './color.ts';
import type { PieceContext } from './context.ts';
import { diff } from './diff.ts';
import { Evaluator } from './evaluator.ts';
import { hash } from './hash.ts';
import { heatmap } from './heatmap.ts';
import { loadKernels } from './kernel-memory.ts';
import { moments } from './moments.ts';
import { norms } from './norms.ts';
import { read } from './read.ts';
import { digits, straddlers } from './select.ts';
import { spectrum } from './spectrum/spectrum.ts';
import { survey } from './spectrum/survey.ts';
import { stats } from './stats.ts';
import { TensorFile } from './tensor-file.ts';

/** The thread behind a pool: it opens jobs and runs their pieces one after the other. */

/** A progress message per so many bytes: often enough for a bar, too seldom to cost anything. */
const PROGRESS_BYTES = 2 ** 24;

interface OpenJob {
  readonly tensors: readonly LazyTensor[];
  readonly cancel: Int32Array;
  /** Made at the first piece, so that a file that cannot be opened fails that piece. */
  ready: { readonly evaluators: readonly Evaluator[]; readonly files: readonly TensorFile[] } | null;
}

const memory = loadKernels();
const jobs = new Map<number, OpenJob>();

function send(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function prepare(tensors: readonly LazyTensor[]): NonNullable<OpenJob['ready']> {
  const files: TensorFile[] = [];
  try {
    const evaluators = tensors.map((tensor, index) => {
      const openFile = (): TensorFile => {
        const file = new TensorFile(tensor.region.path, tensor.region.stamp);
        files.push(file);
        return file;
      };
      return new Evaluator(memory, tensor, { slot: index === 0 ? 0 : 1, openFile });
    });
    return { evaluators, files };
  } catch (error) {
    for (const file of files) file.close();
    throw error;
  }
}

/** What a piece runs in. */
interface Setting {
  readonly context: PieceContext;
  readonly verify: () => void;
  /** Bytes done since the last progress message. */
  readonly unreported: () => number;
}

function settingOf(job: OpenJob, task: number): Setting {
  job.ready ??= prepare(job.tensors);
  const { evaluators, files } = job.ready;
  let unreported = 0;
  const advance = (bytes: number): void => {
    if (Atomics.load(job.cancel, 0) !== 0) throw new CancelledError();
    unreported += bytes;
    if (unreported < PROGRESS_BYTES) return;
    send({ type: 'progress', task, bytes: unreported });
    unreported = 0;
  };
  const verify = (): void => {
    for (const file of files) file.verify();
  };
  return { context: { memory, tensors: evaluators, advance }, verify, unreported: () => unreported };
}

function compute(context: PieceContext, piece: Piece): PieceResult {
  switch (piece.kind) {
    case 'stats':
      return stats(context, piece);
    case 'moments':
      return moments(context, piece);
    case 'codes':
      return codes(context, piece);
    case 'bins':
      return bins(context, piece);
    case 'summarize':
      return summarize(memory, piece);
    case 'verify':
      return null;
    case 'straddlers':
      return straddlers(context, piece);
    case 'digits':
      return digits(context, piece);
    case 'norms':
      return norms(context, piece);
    case 'survey':
      return survey(context, piece);
    case 'spectrum':
      return spectrum(context, piece);
    case 'hash':
      return hash(context);
    case 'read':
      return read(context, piece);
    case 'cells':
      return cells(context, piece);
    case 'heatmap':
      return heatmap(context, piece);
    case 'color':
      return color(memory, piece);
    case 'diff':
      return diff(context, piece);
  }
}

/** Result buffers that need not be copied on their way. */
function transferable(result: PieceResult): ArrayBuffer[] {
  if (result === null) return [];
  const arrays = ArrayBuffer.isView(result) ? [result] : typeof result === 'object' ? Object.values(result) : [];
  return arrays.flatMap((array) =>
    ArrayBuffer.isView(array) && array.buffer instanceof ArrayBuffer ? [array.buffer] : [],
  );
}

function run(message: Extract<ToWorker, { type: 'run' }>): void {
  const { task, piece } = message;
  try {
    const job = jobs.get(message.job);
    if (job === undefined) throw new InvalidStateError(`Job ${message.job} is not open.`);
    const { context, verify, unreported } = settingOf(job, task);
    // Before and after: numbers that mix two states of a file must not get out.
    verify();
    const result = compute(context, piece);
    verify();
    send({ type: 'done', task, bytes: unreported(), result }, transferable(result));
  } catch (error) {
    if (!(error instanceof ParascopeError)) throw error;
    send({ type: 'failed', task, error: error.toJSON() });
  }
}

function close(id: number): void {
  for (const file of jobs.get(id)?.ready?.files ?? []) file.close();
  jobs.delete(id);
}

parentPort?.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'open':
      jobs.set(message.job, { tensors: message.tensors, cancel: message.cancel, ready: null });
      return;
    case 'run':
      run(message);
      return;
    case 'close':
      close(message.job);
      return;
  }
});
