import type { FormatReader } from '../format.ts';

export const tfjsFormat: FormatReader = {
  format: 'tfjs',
  label: 'TensorFlow.js models',
  extensions: ['model.json'],
  recognizes: isModel,
  open: async (source) => (await import('./reader.ts')).openTfjs(source),
};

function isModel(head: Buffer): boolean {
  const text = head.toString('latin1');
  if (/^\s*\[/.test(text)) return /"weights"\s*:/.test(text) && /"paths"\s*:/.test(text);
  return /^\s*\{/.test(text) && /"(?:weightsManifest|modelTopology)"\s*:/.test(text);
}
