import { isUtf8 } from 'node:buffer';
import { CheckpointFormatError } from '../../errors.ts';
import type { FileSource } from '../byte-source.ts';
import { firstInvalidByte } from '../safetensors/utf8.ts';
import { isNestedDeeper } from '../value-text.ts';
import { MAX_DEPTH } from './json-text.ts';

/** The topology of the largest published models takes a few megabytes. */
const MAX_MANIFEST = 100_000_000;

/** As for every format: the largest checkpoint known to us has 1.29 million tensors. */
const MAX_WEIGHTS = 2_000_000;

/** Shards are 4 MiB by default; this many are 400 GB. */
const MAX_PATHS = 100_000;

export interface Quantization {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  /** Absent for float16, which is rounded and not mapped. */
  readonly scale?: number;
  readonly min?: number;
}

export interface ManifestWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorFlow.js's name, such as `float32` or `string`. */
  readonly dtype: string;
  readonly quantization?: Quantization;
}

/** Weights that lie one after the other in files that are read as one. */
export interface ManifestGroup {
  readonly paths: readonly string[];
  readonly weights: readonly ManifestWeight[];
}

export interface Manifest {
  readonly groups: readonly ManifestGroup[];
  /** Everything beside the weights: topology, signature, metadata of the user. */
  readonly others: Readonly<Record<string, unknown>>;
  /** The older form: the list of groups alone. */
  readonly isList: boolean;
}

/**
 * Parses a `model.json` (tfjs-core, io/types.ts, `ModelJSON`) or the older `weights_manifest.json`, which is
 * the list of groups alone.
 *
 * @throws CheckpointFormatError
 */
export async function readManifest(source: FileSource): Promise<Manifest> {
  const fail: Fail = (problem) => {
    throw new CheckpointFormatError(`${source.name}: ${problem}.`, { file: source.name });
  };
  if (source.size > MAX_MANIFEST) fail(`the model takes ${source.size} bytes of JSON; ${MAX_MANIFEST} are read`);
  const root = parseJSON(Buffer.from(await source.read(0, source.size)), fail);
  if (Array.isArray(root)) return { groups: groupsOf(root, fail), others: {}, isList: true };
  if (!isObject(root)) return fail('the model should be a JSON object');
  const { weightsManifest, ...others } = root;
  if (!Array.isArray(weightsManifest)) {
    return fail('the model has no "weightsManifest" list: it holds a topology without weights');
  }
  return { groups: groupsOf(weightsManifest, fail), others, isList: false };
}

type Fail = (problem: string) => never;

function parseJSON(bytes: Buffer, fail: Fail): unknown {
  if (!isUtf8(bytes)) fail(`the model is not valid UTF-8 (byte ${firstInvalidByte(bytes)} of the file)`);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    return fail(`the model is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (isNestedDeeper(value, MAX_DEPTH)) fail(`the model's JSON is nested more than ${MAX_DEPTH} deep`);
  return value;
}

function groupsOf(list: readonly unknown[], fail: Fail): ManifestGroup[] {
  let weights = 0;
  let paths = 0;
  return list.map((group, index) => {
    const what = `group ${index} of weightsManifest`;
    if (!isObject(group)) return fail(`${what} should be an object`);
    if (!isStrings(group.paths)) return fail(`${what} should name its files in a list "paths"`);
    if (!Array.isArray(group.weights)) return fail(`${what} should list its "weights"`);
    weights += group.weights.length;
    paths += group.paths.length;
    if (weights > MAX_WEIGHTS) return fail(`there are more than ${MAX_WEIGHTS} weights`);
    if (paths > MAX_PATHS) return fail(`there are more than ${MAX_PATHS} files of weights`);
    return { paths: group.paths, weights: group.weights.map((weight: unknown) => weightOf(weight, what, fail)) };
  });
}

function weightOf(weight: unknown, group: string, fail: Fail): ManifestWeight {
  if (!isObject(weight) || typeof weight.name !== 'string') return fail(`${group} has a weight without a name`);
  const { name, shape, dtype, quantization } = weight;
  const what = `weight ${JSON.stringify(name)}`;
  if (!isShape(shape)) return fail(`the shape of ${what} should be a list of sizes`);
  if (typeof dtype !== 'string') return fail(`${what} has no dtype`);
  if (quantization === undefined || quantization === null) return { name, shape, dtype };
  return { name, shape, dtype, quantization: quantizationOf(quantization, what, fail) };
}

function quantizationOf(value: unknown, what: string, fail: Fail): Quantization {
  if (!isObject(value)) return fail(`the quantization of ${what} should be an object`);
  const { dtype, scale, min } = value;
  if (dtype === 'float16') return { dtype };
  if (dtype !== 'uint8' && dtype !== 'uint16') {
    return fail(`${what} is quantized to ${JSON.stringify(dtype)}; uint8, uint16 and float16 are read`);
  }
  if (typeof scale === 'number' && typeof min === 'number') return { dtype, scale, min };
  return fail(`the quantization of ${what} lacks its scale or min`);
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
