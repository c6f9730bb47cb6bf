import type { FormatReader } from '../format.ts';
import { MAGIC } from './magic.ts';

export const ggufFormat: FormatReader = {
  format: 'gguf',
  label: 'GGUF models',
  extensions: ['.gguf'],
  recognizes: (head) => head.toString('latin1', 0, MAGIC.length) === MAGIC,
  open: async (source) => (await import('./reader.ts')).openGGUF(source),
};
