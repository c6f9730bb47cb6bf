import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

export const LARGE_TENSOR = 'weight';
const ROWS = 2 ** 20;
const COLUMNS = 2 ** 10;

/** A matrix of zeros, 4 GiB that take no room on the disk: long enough to look at that it is a task. */
export function writeLargeFile(path: string): void {
  const entry = { dtype: 'F32', shape: [ROWS, COLUMNS], data_offsets: [0, 4 * ROWS * COLUMNS] };
  const header = Buffer.from(JSON.stringify({ [LARGE_TENSOR]: entry }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.byteLength));
  const file = openSync(path, 'w');
  try {
    writeSync(file, Buffer.concat([size, header]));
    ftruncateSync(file, 8 + header.byteLength + 4 * ROWS * COLUMNS);
  } finally {
    closeSync(file);
  }
}
