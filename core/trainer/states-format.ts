import { z } from 'zod';
import { CheckpointFormatError, UnsupportedDTypeError } from '../errors.ts';
import { bytesFor, type DType } from '../ndarray/dtype.ts';
import { elementCount } from '../ndarray/shape.ts';
import type { Key, Optimizer } from './optimizer.ts';

/**
 * Files of optimizer states. They are safetensors files, so that any tool can look into them, Parascope
 * too: a tensor `KEY/NAME` for each array, and what the optimizer is under `parascope.trainer`.
 */

const METADATA_KEY = 'parascope.trainer';
/** 10,000 weights with three arrays each take about 4 MB. */
export const MAX_HEADER_BYTES = 64 * 1024 * 1024;

/** Dtypes that states have, under their names in safetensors. */
const STORED_DTYPES = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8_e4m3fn',
  F8_E5M2: 'float8_e5m2',
} as const satisfies Record<string, DType>;

type StoredDType = keyof typeof STORED_DTYPES;

export interface StateEntry {
  readonly key: Key;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly nbytes: number;
}

const description = z.object({
  version: z.literal(1),
  optimizer: z.string(),
  hyperparameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.null()])),
  counts: z.array(z.tuple([z.union([z.number(), z.string()]), z.int().nonnegative()])),
  keys: z.enum(['number', 'string']),
});

export type StatesDescription = z.infer<typeof description>;

const tensor = z.object({
  dtype: z.enum(Object.keys(STORED_DTYPES) as [StoredDType, ...StoredDType[]]),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

export function describeStates(optimizer: Optimizer, counts: ReadonlyMap<Key, number>): StatesDescription {
  return {
    version: 1,
    optimizer: optimizer.name,
    hyperparameters: { ...optimizer.hyperparameters() },
    counts: [...counts],
    keys: [...counts.keys()].some((key) => typeof key === 'string') ? 'string' : 'number',
  };
}

/** The length and the JSON that a safetensors file begins with; the entries' bytes follow in order. */
export function encodeHeader(states: StatesDescription, entries: readonly StateEntry[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { [METADATA_KEY]: JSON.stringify(states) } };
  let offset = 0;
  for (const { key, name, dtype, shape, nbytes } of entries) {
    header[`${key}/${name}`] = { dtype: storedName(dtype), shape, data_offsets: [offset, offset + nbytes] };
    offset += nbytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  // safetensors asks for data that begins at a multiple of 8.
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

/**
 * What a header says, its entries in the order of their bytes.
 *
 * @throws CheckpointFormatError for what is no file of states, or not as long as it says.
 */
export function decodeHeader(
  path: string,
  json: Uint8Array,
  dataBytes: number,
): { readonly states: StatesDescription; readonly entries: readonly StateEntry[] } {
  const { __metadata__: metadata, ...tensors } = parse(
    path,
    z.record(z.string(), z.unknown()),
    jsonOf(path, new TextDecoder().decode(json)),
  );
  const text = parse(path, z.object({ [METADATA_KEY]: z.string() }), metadata)[METADATA_KEY];
  const states = parse(path, description, jsonOf(path, text ?? ''));
  const parsed = Object.entries(tensors).map(([name, value]) => ({ name, ...parse(path, tensor, value) }));
  parsed.sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1]);
  let offset = 0;
  const entries = parsed.map(({ name, dtype: stored, shape, data_offsets: [start, end] }) => {
    const dtype = STORED_DTYPES[stored];
    const nbytes = bytesFor(dtype, elementCount(shape));
    if (start !== offset || end !== start + nbytes) {
      throw malformed(path, `the bytes of ${name} are not where its shape says`);
    }
    offset = end;
    return { ...splitName(name, states), dtype, shape, nbytes };
  });
  if (offset !== dataBytes) throw malformed(path, `it has ${dataBytes} bytes of data, its header speaks of ${offset}`);
  return { states, entries };
}

function splitName(name: string, { keys }: StatesDescription): { readonly key: Key; readonly name: string } {
  const slash = name.lastIndexOf('/');
  const key = name.slice(0, slash);
  return { key: keys === 'number' ? Number(key) : key, name: name.slice(slash + 1) };
}

export function malformed(path: string, reason: string): CheckpointFormatError {
  return new CheckpointFormatError(
    `${JSON.stringify(path)} is no file of trainer states: ${reason}. Give a file that Trainer.saveStates wrote.`,
  );
}

function storedName(dtype: DType): StoredDType {
  for (const [name, known] of Object.entries(STORED_DTYPES)) if (known === dtype) return name as StoredDType;
  throw new UnsupportedDTypeError(`Optimizer states of ${dtype} cannot be saved: safetensors has no name for it.`, {
    dtype,
  });
}

function parse<T>(path: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw malformed(path, `${issue?.path.join('.') || 'its header'}: ${issue?.message ?? 'unknown'}`);
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(path, 'its header is no JSON');
  }
}
