import { registerArrayFileFormat } from '../ndarray/array-file.ts';
import { mxnetArrayFile } from './mxnet/array-file.ts';
import { npyArrayFile, npzArrayFile } from './numpy/array-files.ts';
import { safetensorsArrayFile } from './safetensors/array-file.ts';

/** Whoever imports this module can read and write files of arrays in every format that there is. */
for (const format of [npzArrayFile, npyArrayFile, safetensorsArrayFile, mxnetArrayFile])
  registerArrayFileFormat(format);
