import type { QuantizedDType } from '../../ndarray/dtype.ts';

/** Numbers of more than a byte in a block: where the first begins, how large each is, how many follow each other. */
export interface BlockField {
  readonly at: number;
  readonly size: 2 | 4;
  readonly count: number;
}

function half(at: number): BlockField {
  return { at, size: 2, count: 1 };
}

/**
 * What a big-endian machine stores in its own order (the structs of ggml/src/ggml-common.h). Null where
 * ggml itself looks at the same bytes as numbers of different sizes, so that nobody can say what it wrote.
 */
export const BLOCK_FIELDS: Readonly<Record<QuantizedDType, readonly BlockField[] | null>> = {
  q1_0: [half(0)],
  q4_0: [half(0)],
  q4_1: [half(0), half(2)],
  q5_0: [half(0)],
  q5_1: [half(0), half(2)],
  q8_0: [half(0)],
  q8_1: [half(0), half(2)],
  q2_k: [half(80), half(82)],
  q3_k: [half(108)],
  q4_k: [half(0), half(2)],
  q5_k: [half(0), half(2)],
  q6_k: [half(208)],
  q8_k: [
    { at: 0, size: 4, count: 1 },
    { at: 260, size: 2, count: 16 },
  ],
  iq2_xxs: null,
  iq2_xs: [half(0), { at: 2, size: 2, count: 32 }],
  iq2_s: [half(0)],
  iq3_xxs: null,
  iq3_s: [half(0)],
  iq1_s: [half(0), { at: 34, size: 2, count: 8 }],
  iq1_m: null,
  iq4_nl: [half(0)],
  iq4_xs: [half(0), half(2)],
  tq1_0: [half(52)],
  tq2_0: [half(64)],
  mxfp4: [],
  nvfp4: [],
};
