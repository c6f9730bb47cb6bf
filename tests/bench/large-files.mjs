/** Writes the large checkpoints that the benchmarks open; sparse where only the size matters. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

function header(entries) {
  const text = JSON.stringify(entries);
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8, ' '));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.byteLength));
  return Buffer.concat([length, padded]);
}

/** A file of `count` float32 tensors of four elements, named like the experts of a large mixture. */
export function writeManyTensors(path, count) {
  const entries = {};
  for (let i = 0; i < count; i++) {
    const name = `model.layers.${Math.floor(i / 2000)}.mlp.experts.${Math.floor((i % 2000) / 4)}.part_${i % 4}.weight`;
    entries[name] = { dtype: 'F32', shape: [2, 2], data_offsets: [i * 16, i * 16 + 16] };
  }
  const file = openSync(path, 'w');
  const head = header(entries);
  writeSync(file, head);
  const data = new Float32Array(count * 4);
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(i);
  writeSync(file, new Uint8Array(data.buffer), 0, data.byteLength, head.byteLength);
  closeSync(file);
}

/** A sparse file of about `bytes` bytes: float32 matrices of 16,384 × 16,384 that take no room on disk. */
export function writeSparse(path, bytes) {
  const side = 16_384;
  const each = side * side * 4;
  const entries = {};
  for (let i = 0; i < Math.ceil(bytes / each); i++) {
    entries[`model.layers.${i}.weight`] = {
      dtype: 'F32',
      shape: [side, side],
      data_offsets: [i * each, (i + 1) * each],
    };
  }
  const file = openSync(path, 'w');
  const head = header(entries);
  writeSync(file, head);
  ftruncateSync(file, head.byteLength + Math.ceil(bytes / each) * each);
  closeSync(file);
}

/** One sparse float32 matrix, 150,000 × 8,192 (4.9 GB). */
export function writeTallMatrix(path) {
  const nbytes = 150_000 * 8_192 * 4;
  const file = openSync(path, 'w');
  const head = header({ 'embed.weight': { dtype: 'F32', shape: [150_000, 8_192], data_offsets: [0, nbytes] } });
  writeSync(file, head);
  ftruncateSync(file, head.byteLength + nbytes);
  closeSync(file);
}
