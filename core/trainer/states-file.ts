import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { NDArray } from '../device/nd-array.ts';
import { FileAccessError, InvalidArgumentError, ShapeMismatchError } from '../errors.ts';
import { bytesFor } from '../ndarray/dtype.ts';
import { formatShape } from '../ndarray/shape.ts';
import type { Key, Optimizer, OptimizerState } from './optimizer.ts';
import { createOptimizer } from './optimizer-registry.ts';
import {
  decodeHeader,
  describeStates,
  encodeHeader,
  MAX_HEADER_BYTES,
  malformed,
  type StateEntry,
} from './states-format.ts';
import type { Updater } from './updater.ts';

/** Bytes that are read or written at a time. */
const PIECE = 8 * 1024 * 1024;
const LENGTH_BYTES = 8;

/** An updater and the weights that it updates, which say where its states belong. */
export interface UpdaterPlace {
  readonly updater: Updater;
  readonly weights: ReadonlyMap<Key, NDArray>;
}

/**
 * Writes the states and numbers of an updater as they are when this is called, whatever is enqueued
 * later. Replaces the file at once or leaves it as it was. @throws FileAccessError
 */
export async function saveUpdaterStates(path: string, { updater, weights }: UpdaterPlace): Promise<void> {
  const { optimizer } = updater;
  const [device] = [...weights.values()].map((weight) => weight.device);
  const header = describeStates(optimizer, device ? optimizer.updateCounts(device) : new Map());
  const copies = [...updater.states].flatMap(([key, state]) =>
    Object.entries(state).map(([name, array]) => ({ key, name, array: array.copyTo(array.device) })),
  );
  try {
    const entries = copies.map(({ key, name, array: { dtype, shape, nbytes } }) => ({
      key,
      name,
      dtype,
      shape,
      nbytes,
    }));
    const start = encodeHeader(header, entries);
    await replaceFile(path, async (file) => {
      await file.writeFile(start);
      for (const { array } of copies) await writeArray(file, array);
    });
  } finally {
    for (const { array } of copies) array.dispose();
  }
}

/**
 * Gives every updater the optimizer that the file describes, with the scheduler that it has now, and a
 * copy of the states. A failed load changes nothing. Returns that optimizer.
 *
 * @throws FileAccessError, CheckpointFormatError
 * @throws InvalidArgumentError for an optimizer that is not registered, or states of unknown weights.
 * @throws ShapeMismatchError where states are not of a weight's shape.
 */
export async function loadUpdaterStates(path: string, places: readonly UpdaterPlace[]): Promise<Optimizer> {
  const file = await open(path).catch((cause: unknown) => {
    throw notReadable(path, cause);
  });
  const loaded: Map<Key, OptimizerState>[] = places.map(() => new Map());
  try {
    const { states, entries, dataStart } = await readHeader(path, file);
    const current = places[0]?.updater.optimizer;
    const optimizer = createOptimizer(states.optimizer, {
      ...states.hyperparameters,
      ...(current?.lrScheduler ? { lrScheduler: current.lrScheduler } : {}),
    });
    let position = dataStart;
    for (const entry of entries) {
      await loadEntry(file, { entry, position, path }, places, loaded);
      position += entry.nbytes;
    }
    for (const state of loaded[0]?.values() ?? []) optimizer.assertComplete(state);
    const devices = places.flatMap(({ weights }) => [...weights.values()].map((weight) => weight.device));
    optimizer.restoreCounts(devices, new Map(states.counts));
    places.forEach(({ updater }, i) => {
      updater.optimizer = optimizer;
      updater.replaceStates(loaded[i] ?? new Map());
    });
    return optimizer;
  } catch (error) {
    for (const states of loaded) {
      for (const state of states.values()) for (const array of Object.values(state)) array.dispose();
    }
    throw error;
  } finally {
    await file.close();
  }
}

async function readHeader(
  path: string,
  file: FileHandle,
): Promise<ReturnType<typeof decodeHeader> & { readonly dataStart: number }> {
  const { size } = await file.stat();
  if (size < LENGTH_BYTES) throw malformed(path, `it has ${size} bytes`);
  const length = Number((await readAt(path, file, { position: 0, count: LENGTH_BYTES })).readBigUInt64LE());
  const dataStart = LENGTH_BYTES + length;
  if (length > MAX_HEADER_BYTES || dataStart > size) throw malformed(path, `its header would take ${length} bytes`);
  const json = await readAt(path, file, { position: LENGTH_BYTES, count: length });
  return { ...decodeHeader(path, json, size - dataStart), dataStart };
}

/** Reads the array of `entry` to the first updater's weight and copies it to the others'. */
async function loadEntry(
  file: FileHandle,
  from: { readonly entry: StateEntry; readonly position: number; readonly path: string },
  places: readonly UpdaterPlace[],
  loaded: readonly Map<Key, OptimizerState>[],
): Promise<void> {
  const { entry, position, path } = from;
  const { key, name } = entry;
  let first: NDArray | null = null;
  for (const [i, { weights }] of places.entries()) {
    const weight = weightFor(path, entry, weights);
    const { runtime, device, shape } = weight;
    const array: NDArray = first ? first.copyTo(device) : runtime.zeros({ shape, dtype: entry.dtype, device });
    loaded[i]?.set(key, { ...loaded[i]?.get(key), [name]: array });
    if (first) continue;
    first = array;
    for (let done = 0; done < entry.nbytes; done += PIECE) {
      const count = Math.min(PIECE, entry.nbytes - done);
      const bytes = await readAt(path, file, { position: position + done, count });
      runtime.upload(array, { dtype: entry.dtype, offset: done / bytesFor(entry.dtype, 1), bytes });
    }
    await runtime.sync([array]);
  }
}

function weightFor(path: string, { key, name, shape }: StateEntry, weights: ReadonlyMap<Key, NDArray>): NDArray {
  const weight = weights.get(key);
  if (!weight) {
    throw new InvalidArgumentError(
      `${JSON.stringify(path)} has optimizer states for weight ${key}, which is not trained here: load it into a Trainer of the same Parameters.`,
    );
  }
  if (formatShape(shape) === formatShape(weight.shape)) return weight;
  throw new ShapeMismatchError(
    `${JSON.stringify(path)} has ${name} of shape ${formatShape(shape)} for weight ${key}, whose shape is ${formatShape(weight.shape)}.`,
  );
}

async function readAt(
  path: string,
  file: FileHandle,
  { position, count }: { readonly position: number; readonly count: number },
): Promise<Buffer> {
  const buffer = Buffer.alloc(count);
  let done = 0;
  while (done < count) {
    const { bytesRead } = await file.read(buffer, done, count - done, position + done);
    if (bytesRead === 0) throw malformed(path, 'it ended while it was read');
    done += bytesRead;
  }
  return buffer;
}

async function writeArray(file: FileHandle, array: NDArray): Promise<void> {
  const step = PIECE / bytesFor(array.dtype, 1);
  for (let start = 0; start < array.size; start += step) {
    await file.writeFile(await array.bytes({ start, count: Math.min(step, array.size - start) }));
  }
}

/** Writes a temporary file beside `path`, flushes it and renames it. */
async function replaceFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await flushFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    if (!isSystemError(cause)) throw cause;
    throw new FileAccessError(`The trainer states cannot be written to ${JSON.stringify(path)}: ${cause.message}.`);
  }
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isSystemError(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'syscall' in cause;
}

function notReadable(path: string, cause: unknown): FileAccessError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FileAccessError(`The trainer states cannot be read from ${JSON.stringify(path)}: ${reason}.`);
}
