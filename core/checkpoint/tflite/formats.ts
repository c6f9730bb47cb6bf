import type { FormatReader } from '../format.ts';

/** The identifier of the schema, at byte 4 of the file. */
const IDENTIFIER = 'TFL3';

export const tfliteFormat: FormatReader = {
  format: 'tflite',
  label: 'TensorFlow Lite models',
  extensions: ['.tflite', '.lite'],
  recognizes: (head) => head.toString('latin1', 4, 8) === IDENTIFIER,
  open: async (source) => (await import('./reader.ts')).openTflite(source),
};
