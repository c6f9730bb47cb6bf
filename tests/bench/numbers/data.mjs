/** Writes the checkpoints that the contests run over: normal values of a layer's usual spread, the same at every run. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeManyTensors } from '../large-files.mjs';

const TENSOR_BYTES = 128 * 2 ** 20;
const PATTERN = 2 ** 22;
const SIGMA = 0.02;
const ITEM_BYTES = { F32: 4, BF16: 2 };
/** So many elements of the second file of a diff differ from the first's. */
export const CHANGED_EVERY = 4;

/** Paths of the files, written where they are not there yet. `scale` shrinks them for a quick look. */
export function prepareData(folder, scale) {
  mkdirSync(folder, { recursive: true });
  const bytes = (gib) => Math.max(2 * TENSOR_BYTES * scale, gib * 2 ** 30 * scale);
  const file = (name, nbytes, write) => {
    const path = join(folder, `${name}-${scale}.safetensors`);
    if (!existsSync(path)) {
      write(`${path}.part`, nbytes);
      renameSync(`${path}.part`, path);
    }
    return { path, bytes: statSync(path).size };
  };
  const tensorBytes = Math.round(TENSOR_BYTES * scale);
  return {
    /** For peers that would take minutes over the whole. */
    sample: file('sample', bytes(0.5), (path, n) => writeNormal(path, { dtype: 'F32', nbytes: n, tensorBytes })),
    float32: file('float32', bytes(2), (path, n) => writeNormal(path, { dtype: 'F32', nbytes: n, tensorBytes })),
    changed: file('changed', bytes(2), (path, n) =>
      writeNormal(path, { dtype: 'F32', nbytes: n, tensorBytes, changed: true }),
    ),
    bfloat16: file('bfloat16', bytes(1), (path, n) => writeNormal(path, { dtype: 'BF16', nbytes: n, tensorBytes })),
    many: file('many', 0, (path) => writeManyTensors(path, Math.round(200_000 * scale))),
  };
}

function writeNormal(path, { dtype, nbytes, tensorBytes, changed = false }) {
  const count = Math.round(nbytes / tensorBytes);
  const columns = 4096;
  const rows = tensorBytes / ITEM_BYTES[dtype] / columns;
  const entries = {};
  for (let i = 0; i < count; i++) {
    const span = [i * tensorBytes, (i + 1) * tensorBytes];
    entries[`model.layers.${i}.mlp.weight`] = { dtype, shape: [rows, columns], data_offsets: span };
  }
  const text = JSON.stringify(entries);
  const header = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8, ' '));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const descriptor = openSync(path, 'w');
  writeSync(descriptor, Buffer.concat([length, header]));
  const pattern = encoded(normals(changed), dtype);
  for (let i = 0; i < count; i++) {
    for (let done = 0; done < tensorBytes; ) {
      // Each tensor begins elsewhere in the pattern, so that no two are alike.
      const from = done === 0 ? (i * 40_961 * ITEM_BYTES[dtype]) % pattern.length : 0;
      const piece = pattern.subarray(from, Math.min(pattern.length, from + tensorBytes - done));
      done += writeSync(descriptor, piece);
    }
  }
  closeSync(descriptor);
}

/** Box and Muller's transform of a small congruential generator. */
function normals(changed) {
  const values = new Float32Array(PATTERN);
  let state = 42;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  for (let i = 0; i < PATTERN; i += 2) {
    const radius = SIGMA * Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    values[i] = radius * Math.cos(angle);
    values[i + 1] = radius * Math.sin(angle);
  }
  if (changed) for (let i = 0; i < PATTERN; i += CHANGED_EVERY) values[i] += 1e-4;
  return values;
}

function encoded(values, dtype) {
  if (dtype === 'F32') return Buffer.from(values.buffer);
  const words = new Uint32Array(values.buffer);
  const halves = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const bits = words[i];
    halves[i] = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }
  return Buffer.from(halves.buffer);
}
