import { CheckpointFormatError } from '../../errors.ts';
import type { ArrayFileFormat, ArrayList, ByteStream, StoredArray } from '../../ndarray/array-file.ts';
import type { IndexRun } from '../../ndarray/sparse-layout.ts';
import { FileSource } from '../byte-source.ts';
import { fileHead } from '../file-head.ts';
import { type FileSink, replaceFile } from '../replace-file.ts';
import { rangeStream, widenedIndices, zeroStream } from '../streams.ts';
import { mxnetFormat } from './formats.ts';
import { readListFile } from './list-file.ts';
import type { RecordedArray } from './record.ts';
import { listHeader, namesBlock, type RecordHeader, recordHeader, versionFor } from './record-bytes.ts';

/** `.params` and `.nd`: dense, row_sparse and csr arrays, by name or as a list. */
export const mxnetArrayFile: ArrayFileFormat = {
  label: mxnetFormat.label,
  extensions: mxnetFormat.extensions,
  recognizes: async (path) => mxnetFormat.recognizes(await fileHead(path), path),
  read: readMXNetArrays,
  write: writeMXNetArrays,
};

/** Records of "no array" are left out of a dict, as no value could stand for them; a list must not have any. */
async function readMXNetArrays(path: string): Promise<ArrayList> {
  const source = await FileSource.open(path);
  const { records, names } = await readListFile(source);
  const arrays = new Map<string, StoredArray>();
  for (const [index, { array, start }] of records.entries()) {
    const name = names?.[index] ?? String(index);
    if (array) arrays.set(name, storedArray(source, array));
    else if (names) arrays.delete(name);
    else {
      const problem = `array ${index} of the list is none: MXNet saved an array without a shape there`;
      throw new CheckpointFormatError(`${source.name}: ${problem} (byte ${start} of the file).`, {
        file: source.name,
        offset: start,
      });
    }
  }
  return { names: names && [...arrays.keys()], arrays: [...arrays.values()] };
}

function storedArray(source: FileSource, { dtype, shape, offset, storedBytes, sparse }: RecordedArray): StoredArray {
  const values = rangeStream(source, offset, storedBytes);
  if (!sparse) return { stype: 'default', dtype, shape, values };
  const { layout } = sparse;
  if (layout.stype === 'row_sparse') {
    const { rows } = layout;
    return { stype: 'row_sparse', dtype, shape, rows: rows.count, indices: indexStream(source, rows), values };
  }
  const { indptr, columns } = layout;
  return {
    stype: 'csr',
    dtype,
    shape,
    nnz: columns.count,
    // MXNet leaves out the row starts of a matrix that was never written to.
    indptr: indptr.count === 0 ? zeroStream(((shape[0] ?? 0) + 1) * 8) : indexStream(source, indptr),
    indices: indexStream(source, columns),
    values,
  };
}

function indexStream(source: FileSource, { offset, count, dtype }: IndexRun): ByteStream {
  const stream = rangeStream(source, offset, count * (dtype === 'int64' ? 8 : 4));
  return dtype === 'int64' ? stream : widenedIndices(stream);
}

async function writeMXNetArrays(path: string, { names, arrays }: ArrayList): Promise<void> {
  const headers = arrays.map((array, index) => headerOf(array, names?.[index] ?? String(index)));
  const version = versionFor(headers);
  const records = headers.map((header) => recordHeader(header, version));
  await replaceFile(path, async (sink) => {
    await sink.write(listHeader(arrays.length));
    for (const [index, array] of arrays.entries()) {
      await sink.write(records[index] ?? Buffer.alloc(0));
      await pipeArray(sink, array);
    }
    await sink.write(namesBlock(names));
  });
}

function headerOf(array: StoredArray, name: string): RecordHeader {
  const { dtype, shape, stype } = array;
  const stored = stype === 'row_sparse' ? array.rows : stype === 'csr' ? array.nnz : 0;
  return { name, dtype, shape, stype, stored };
}

async function pipeArray(sink: FileSink, array: StoredArray): Promise<void> {
  await sink.pipe(array.values);
  if (array.stype === 'csr') await sink.pipe(array.indptr);
  if (array.stype !== 'default') await sink.pipe(array.indices);
}
