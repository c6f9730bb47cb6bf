import type { FormatReader } from '../format.ts';
import { isZip } from '../zip/archive.ts';
import { openKeras, WEIGHTS } from './archive.ts';

export const kerasFormat: FormatReader = {
  format: 'keras',
  label: 'Keras archives',
  extensions: ['.keras'],
  recognizes: (head, name) => isZip(head) && (name.toLowerCase().endsWith('.keras') || head.includes(WEIGHTS)),
  open: openKeras,
};
