import type { FormatReader } from '../format.ts';
import { LIST_MAGIC } from './magic.ts';

export const mxnetFormat: FormatReader = {
  format: 'mxnet',
  label: 'MXNet parameter files',
  extensions: ['.params', '.nd'],
  recognizes: (head) => head.length >= 8 && head.readBigUInt64LE(0) === BigInt(LIST_MAGIC),
  open: async (source) => (await import('./reader.ts')).openMXNet(source),
};
