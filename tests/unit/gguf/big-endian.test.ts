import { afterAll, describe, expect, test } from 'vitest';
import { BLOCK_FIELDS } from '../../../core/checkpoint/gguf/block-fields.ts';
import { typeNumberOf } from '../../../core/checkpoint/gguf/tensor-types.ts';
import { lazyEntry } from '../../../core/checkpoint/lazy-entry.ts';
import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { scratchUnpacker } from '../../../core/checkpoint/unpack/scratch-unpacker.ts';
import { bytesFor, DTYPES, type DType, dtypeInfo, isQuantized } from '../../../core/ndarray/dtype.ts';
import { createTensorEngine } from '../../../core/stats/pool.ts';
import { temporaryFolder } from '../checkpoint/make.ts';
import { ggufFile } from './make.ts';

const folder = temporaryFolder();
const engine = createTensorEngine({ threads: 1, unpacker: scratchUnpacker() });
afterAll(() => engine.close());

/** 512 elements, none of them random: each byte tells where it stands. */
function bytesOf(dtype: DType): Uint8Array {
  return Uint8Array.from({ length: bytesFor(dtype, 512) }, (_, i) => (i * 37 + (i >> 8)) & 0xff);
}

function turned(dtype: DType, bytes: Uint8Array): Uint8Array {
  const result = bytes.slice();
  const fields = isQuantized(dtype)
    ? (BLOCK_FIELDS[dtype] ?? [])
    : [{ at: 0, size: dtypeInfo(dtype).bits / 8, count: 1 }];
  const blocks = isQuantized(dtype) ? bytesFor(dtype, 1) : dtypeInfo(dtype).bits / 8;
  for (let block = 0; block < bytes.length; block += blocks) {
    for (const { at, size, count } of fields) {
      for (let k = 0; k < count; k++) result.subarray(block + at + k * size, block + at + (k + 1) * size).reverse();
    }
  }
  return result;
}

const readable = DTYPES.filter(
  (dtype) => typeNumberOf(dtype) !== undefined && !(isQuantized(dtype) && BLOCK_FIELDS[dtype] === null),
);

describe('a file of a big-endian machine', () => {
  test.each(readable)('gives the values of %s that the same file of a little-endian one does', async (dtype) => {
    const bytes = bytesOf(dtype);
    const type = typeNumberOf(dtype)!;
    const made = { fields: [['a.b', 'float32', 0.5]] } as const;
    const little = ggufFile({ ...made, tensors: [{ name: 'w', ne: [256, 2], type, bytes }] });
    const big = ggufFile({
      ...made,
      bigEndian: true,
      tensors: [{ name: 'w', ne: [256, 2], type, bytes: turned(dtype, bytes) }],
    });
    const [a, b] = await Promise.all([
      openCheckpoint(folder.write(`little-${dtype}.gguf`, little)),
      openCheckpoint(folder.write(`big-${dtype}.gguf`, big)),
    ]);
    expect(b.metadata).toEqual({ 'a.b': '0.5' });
    expect(b.find('w')).toMatchObject({ dtype, shape: [2, 256] });
    expect(Buffer.from(await b.read(b.find('w')!)).equals(await a.read(a.find('w')!))).toBe(true);
    const [sum, turnedSum] = await Promise.all([a, b].map((file) => engine.hash(lazyEntry(file, file.find('w')!))));
    expect(turnedSum).toBe(sum);
  });
});
