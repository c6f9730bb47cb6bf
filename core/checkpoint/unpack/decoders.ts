import type { Decoder } from './decoder.ts';

/** Who unpacks what, by the name in `PackedStorage.decoder`; loaded in the worker when first wanted. One line each. */
export const DECODERS: Readonly<Record<string, () => Promise<Decoder>>> = {
  affine: async () => (await import('../tfjs/affine-decoder.ts')).decodeAffine,
  concatenated: async () => (await import('./concatenated-decoder.ts')).decodeConcatenated,
  'gguf-blocks': async () => (await import('../gguf/blocks-decoder.ts')).decodeBlocks,
  'npz-sparse': async () => (await import('../numpy/sparse-decoder.ts')).decodeSparse,
  strided: async () => (await import('./strided-decoder.ts')).decodeStrided,
};
