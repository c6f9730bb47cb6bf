import type { FormatReader } from '../format.ts';
import { MAGIC } from './magic.ts';

export const tensorflowFormat: FormatReader = {
  format: 'tf-checkpoint',
  label: 'TensorFlow checkpoints',
  extensions: ['.index'],
  recognizes: (head, name) =>
    (name.endsWith('.index') && head.subarray(-MAGIC.length).equals(MAGIC)) || /\.data-\d{5}-of-\d{5}$/.test(name),
  open: async (source) => (await import('./reader.ts')).openTensorflow(source),
};
