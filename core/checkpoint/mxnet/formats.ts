import type { FormatReader } from '../format.ts';
import { LIST_MAGIC } from './list-file.ts';
import { openMXNet } from './reader.ts';

export const mxnetFormat: FormatReader = {
  format: 'mxnet',
  label: 'MXNet parameter files',
  extensions: ['.params', '.nd'],
  recognizes: (head) => head.length >= 8 && head.readBigUInt64LE(0) === BigInt(LIST_MAGIC),
  open: openMXNet,
};
