import type { DType } from '../../ndarray/dtype.ts';
import { isQuantized } from '../../ndarray/dtype.ts';
import type { DocumentState } from '../state/document-state.ts';
import { type TensorChange, withStep } from '../state/tensor-state.ts';
import type { FormatWriter, SaveSubject } from './format-writer.ts';

/** What holds every value of a dtype that a format lacks, dearest last. */
const WIDER: Partial<Record<DType, readonly DType[]>> = {
  bool: ['uint8', 'int8'],
  uint8: ['int16', 'int32'],
  uint16: ['int32'],
  uint32: ['int64'],
  int2: ['int4', 'int8'],
  int4: ['int8'],
  uint2: ['uint4', 'uint8', 'int8'],
  uint4: ['uint8', 'int8'],
  float4_e2m1fn: ['float8_e4m3fn', 'float16', 'float32'],
  f6_e2m3: ['float8_e4m3fn', 'float16', 'float32'],
  f6_e3m2: ['float16', 'float32'],
  float8_e4m3fn: ['float16', 'float32'],
  float8_e4m3fnuz: ['float16', 'float32'],
  float8_e5m2: ['float16', 'float32'],
  float8_e5m2fnuz: ['float32'],
  float8_e8m0fnu: ['bfloat16', 'float32'],
  bfloat16: ['float32'],
  complex32: ['complex64'],
  complex64: ['complex128'],
  qint8: ['int8'],
  quint8: ['uint8', 'int16'],
  qint32: ['int32'],
};

/** A tensor that is written in another dtype than it has. */
export interface Conversion {
  readonly name: string;
  readonly from: DType;
  readonly to: DType;
}

/**
 * The dtype that a new file gets for one that its format lacks: values stay what they are; those of a
 * quantized tensor are what its blocks stand for. Undefined where no dtype of the format holds them.
 */
function replacementOf(dtype: DType, holds: (dtype: DType) => boolean): DType | undefined {
  const candidates = isQuantized(dtype) ? (['float32', 'float16'] as const) : (WIDER[dtype] ?? []);
  return candidates.find(holds);
}

/** What must be converted so that `writer` can hold it; tensors for which nothing fits are left to its own refusal. */
export function conversionsFor(state: DocumentState, { holds }: FormatWriter): ReadonlyMap<number, Conversion> {
  const conversions = new Map<number, Conversion>();
  if (!holds) return conversions;
  for (const { id, name, dtype } of state.tensors()) {
    if (holds(dtype)) continue;
    const to = replacementOf(dtype, holds);
    if (to !== undefined) conversions.set(id, { name, from: dtype, to });
  }
  return conversions;
}

/** The same document with the conversions done; the subject's own state stays as it is. */
export function convertedSubject(subject: SaveSubject, writer: FormatWriter): SaveSubject {
  const conversions = conversionsFor(subject.state, writer);
  if (conversions.size === 0) return subject;
  const state = subject.state.fork();
  const tensors: TensorChange[] = [];
  for (const [id, { from, to }] of conversions) {
    const before = state.byId(id);
    tensors.push({ before, after: withStep(before, { kind: 'cast', dtype: to }, `Convert ${from} to ${to}`) });
  }
  state.apply({ tensors, metadata: null });
  return { ...subject, state };
}

/** `3 tensors of bfloat16 are written as float32.`, a sentence for each pair of dtypes. */
export function conversionSentences(conversions: Iterable<Conversion>): string[] {
  const counts = new Map<string, number>();
  for (const { from, to } of conversions) counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
  return [...counts].map(([pair, count]) => {
    const [from = '', to = ''] = pair.split(' ');
    const what = count === 1 ? '1 tensor' : `${count} tensors`;
    return `${what} of ${from} ${count === 1 ? 'is' : 'are'} written as ${to}.`;
  });
}
