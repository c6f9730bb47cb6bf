import { InvalidArgumentError } from '../../errors.ts';
import type { ArrayFileFormat, ArrayList, StoredDense } from '../../ndarray/array-file.ts';
import { FileSource } from '../byte-source.ts';
import { fileHead } from '../file-head.ts';
import { replaceFile } from '../replace-file.ts';
import { rangeStream } from '../streams.ts';
import { safetensorsFormat } from './formats.ts';
import { layoutSafetensors } from './layout.ts';
import { readHeader } from './reader.ts';

/** `.safetensors`: dense arrays by name; those of a list are called `arr_0`, `arr_1`, …, as in a NumPy archive. */
export const safetensorsArrayFile: ArrayFileFormat = {
  label: safetensorsFormat.label,
  extensions: safetensorsFormat.extensions,
  recognizes: async (path) => safetensorsFormat.recognizes(await fileHead(path), path),
  read: async (path) => {
    const source = await FileSource.open(path);
    const { entries } = await readHeader(source, 0);
    const arrays = entries.map(({ dtype, shape, offset, nbytes }): StoredDense => {
      return { stype: 'default', dtype, shape, values: rangeStream(source, offset, nbytes) };
    });
    return { names: entries.map(({ name }) => name), arrays };
  },
  write: writeSafetensorsArrays,
};

async function writeSafetensorsArrays(path: string, { names, arrays }: ArrayList): Promise<void> {
  const tensors = arrays.map((array, index) => {
    const name = names?.[index] ?? `arr_${index}`;
    if (array.stype !== 'default') {
      throw new InvalidArgumentError(
        `safetensors files hold dense arrays only, and ${JSON.stringify(name)} is ${array.stype}: ` +
          "convert it with toStype('default'), or write a .params or .npz file.",
      );
    }
    return {
      name,
      dtype: array.dtype,
      shape: array.shape,
      nbytes: array.values.nbytes,
      values: array.values,
      origin: null,
    };
  });
  const { header, offsets } = layoutSafetensors({ original: null, tensors, metadata: {} });
  const ordered = tensors
    .map(({ values }, index) => ({ values, offset: offsets[index] ?? 0 }))
    .sort((a, b) => a.offset - b.offset || a.values.nbytes - b.values.nbytes);
  await replaceFile(path, async (sink) => {
    await sink.write(header);
    for (const { values } of ordered) await sink.pipe(values);
  });
}
