import type { DType } from '../../ndarray/dtype.ts';

export interface TensorType {
  /** As ggml writes it: `Q4_K`. */
  readonly name: string;
  readonly dtype: DType;
}

/** The types of tensors, by number (ggml/include/ggml.h, `ggml_type`). */
const TYPES: Readonly<Record<number, TensorType>> = {
  0: { name: 'F32', dtype: 'float32' },
  1: { name: 'F16', dtype: 'float16' },
  2: { name: 'Q4_0', dtype: 'q4_0' },
  3: { name: 'Q4_1', dtype: 'q4_1' },
  6: { name: 'Q5_0', dtype: 'q5_0' },
  7: { name: 'Q5_1', dtype: 'q5_1' },
  8: { name: 'Q8_0', dtype: 'q8_0' },
  9: { name: 'Q8_1', dtype: 'q8_1' },
  10: { name: 'Q2_K', dtype: 'q2_k' },
  11: { name: 'Q3_K', dtype: 'q3_k' },
  12: { name: 'Q4_K', dtype: 'q4_k' },
  13: { name: 'Q5_K', dtype: 'q5_k' },
  14: { name: 'Q6_K', dtype: 'q6_k' },
  15: { name: 'Q8_K', dtype: 'q8_k' },
  16: { name: 'IQ2_XXS', dtype: 'iq2_xxs' },
  17: { name: 'IQ2_XS', dtype: 'iq2_xs' },
  18: { name: 'IQ3_XXS', dtype: 'iq3_xxs' },
  19: { name: 'IQ1_S', dtype: 'iq1_s' },
  20: { name: 'IQ4_NL', dtype: 'iq4_nl' },
  21: { name: 'IQ3_S', dtype: 'iq3_s' },
  22: { name: 'IQ2_S', dtype: 'iq2_s' },
  23: { name: 'IQ4_XS', dtype: 'iq4_xs' },
  24: { name: 'I8', dtype: 'int8' },
  25: { name: 'I16', dtype: 'int16' },
  26: { name: 'I32', dtype: 'int32' },
  27: { name: 'I64', dtype: 'int64' },
  28: { name: 'F64', dtype: 'float64' },
  29: { name: 'IQ1_M', dtype: 'iq1_m' },
  30: { name: 'BF16', dtype: 'bfloat16' },
  34: { name: 'TQ1_0', dtype: 'tq1_0' },
  35: { name: 'TQ2_0', dtype: 'tq2_0' },
  39: { name: 'MXFP4', dtype: 'mxfp4' },
  40: { name: 'NVFP4', dtype: 'nvfp4' },
  41: { name: 'Q1_0', dtype: 'q1_0' },
};

/** Types that ggml once had and gave up: no version reads them any more. */
const REMOVED: Readonly<Record<number, string>> = {
  4: 'Q4_2',
  5: 'Q4_3',
  31: 'Q4_0_4_4',
  32: 'Q4_0_4_8',
  33: 'Q4_0_8_8',
  36: 'IQ4_NL_4_4',
  37: 'IQ4_NL_4_8',
  38: 'IQ4_NL_8_8',
};

export function tensorType(number: number): TensorType | undefined {
  return TYPES[number];
}

/** Why there is no type of this number, as the end of a sentence. */
export function unknownType(number: number): string {
  const removed = REMOVED[number];
  return removed
    ? `of type ${removed}, which ggml no longer has: convert the model again from its original`
    : `of type ${number}, which this version does not know`;
}

/** The number of the type that a dtype is stored as; undefined where GGUF has none. */
export function typeNumberOf(dtype: DType): number | undefined {
  const found = Object.entries(TYPES).find(([, type]) => type.dtype === dtype);
  return found && Number(found[0]);
}
