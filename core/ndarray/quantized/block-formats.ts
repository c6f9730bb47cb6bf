/** How many elements one block of a quantized format holds, and in how many bytes. */
export interface BlockFormat {
  readonly elements: number;
  readonly bytes: number;
}

/**
 * The block-quantized formats of ggml (ggml/src/ggml-common.h), named in lower case as GGUF's types are.
 * A block carries its scales with it: no element can be read or written without it.
 */
export const BLOCK_FORMATS = {
  q1_0: { elements: 128, bytes: 18 },
  q4_0: { elements: 32, bytes: 18 },
  q4_1: { elements: 32, bytes: 20 },
  q5_0: { elements: 32, bytes: 22 },
  q5_1: { elements: 32, bytes: 24 },
  q8_0: { elements: 32, bytes: 34 },
  // Two float16 and 32 bytes, as ggml asserts since 2024; gguf-py's table still has the two float32 of before.
  q8_1: { elements: 32, bytes: 36 },
  q2_k: { elements: 256, bytes: 84 },
  q3_k: { elements: 256, bytes: 110 },
  q4_k: { elements: 256, bytes: 144 },
  q5_k: { elements: 256, bytes: 176 },
  q6_k: { elements: 256, bytes: 210 },
  q8_k: { elements: 256, bytes: 292 },
  iq2_xxs: { elements: 256, bytes: 66 },
  iq2_xs: { elements: 256, bytes: 74 },
  iq2_s: { elements: 256, bytes: 82 },
  iq3_xxs: { elements: 256, bytes: 98 },
  iq3_s: { elements: 256, bytes: 110 },
  iq1_s: { elements: 256, bytes: 50 },
  iq1_m: { elements: 256, bytes: 56 },
  iq4_nl: { elements: 32, bytes: 18 },
  iq4_xs: { elements: 256, bytes: 136 },
  tq1_0: { elements: 256, bytes: 54 },
  tq2_0: { elements: 256, bytes: 66 },
  mxfp4: { elements: 32, bytes: 17 },
  nvfp4: { elements: 64, bytes: 36 },
} as const satisfies Record<string, BlockFormat>;

export type QuantizedDType = keyof typeof BLOCK_FORMATS;
