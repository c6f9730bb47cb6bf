import type { Decoder } from './decoder.ts';

/** Who unpacks what, by the name in `PackedStorage.decoder`; loaded in the worker when first wanted. One line each. */
export const DECODERS: Readonly<Record<string, () => Promise<Decoder>>> = {
  affine: async () => (await import('../tfjs/affine-decoder.ts')).decodeAffine,
  concatenated: async () => (await import('./concatenated-decoder.ts')).decodeConcatenated,
  'gguf-blocks': async () => (await import('../gguf/blocks-decoder.ts')).decodeBlocks,
  joined: async () => (await import('./joined-decoder.ts')).decodeJoined,
  'npz-sparse': async () => (await import('../numpy/sparse-decoder.ts')).decodeSparse,
  'pytorch-affine': async () => (await import('../pytorch/affine-decoder.ts')).decodeAffine,
  'pytorch-latin1': async () => (await import('../pytorch/latin1-decoder.ts')).decodeLatin1,
  'pytorch-signs': async () => (await import('../pytorch/signs-decoder.ts')).decodeSigns,
  'pytorch-sparse': async () => (await import('../pytorch/sparse-decoder.ts')).decodeSparse,
  hdf5: async () => (await import('../hdf5/dataset-decoder.ts')).decodeDataset,
  'onnx-sparse': async () => (await import('../onnx/sparse-decoder.ts')).decodeSparse,
  'onnx-typed': async () => (await import('../onnx/typed-decoder.ts')).decodeTyped,
  strided: async () => (await import('./strided-decoder.ts')).decodeStrided,
  'tensorflow-slices': async () => (await import('../tensorflow/slices-decoder.ts')).decodeSlices,
};
