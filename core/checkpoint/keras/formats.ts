import type { FormatReader } from '../format.ts';
import { isZip } from '../zip/signature.ts';

/** The member with the weights (keras/src/saving/saving_lib.py). */
export const WEIGHTS = 'model.weights.h5';

export const kerasFormat: FormatReader = {
  format: 'keras',
  label: 'Keras archives',
  extensions: ['.keras'],
  recognizes: (head, name) => isZip(head) && (name.toLowerCase().endsWith('.keras') || head.includes(WEIGHTS)),
  open: async (source) => (await import('./archive.ts')).openKeras(source),
};
