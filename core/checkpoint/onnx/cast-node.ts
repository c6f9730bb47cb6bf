import type { DType } from '../../ndarray/dtype.ts';
import { bytesField, type Edit, type Piece, varintField } from '../protobuf/patch.ts';
import { dataTypeNumber } from './data-types.ts';
import type { FoundTensor } from './graph.ts';
import { ATTRIBUTE, GRAPH, NODE } from './schema.ts';

/** `AttributeProto.AttributeType.INT`. */
const INT = 2;

/** The first version of the standard operators whose Cast knows a dtype; what is not here it does not take. */
const CAST_SINCE: Readonly<Partial<Record<DType, number>>> = {
  bool: 9,
  int8: 9,
  int16: 9,
  int32: 9,
  int64: 9,
  uint8: 9,
  uint16: 9,
  uint32: 9,
  uint64: 9,
  float16: 9,
  float32: 9,
  float64: 9,
  bfloat16: 13,
  float8_e4m3fn: 19,
  float8_e4m3fnuz: 19,
  float8_e5m2: 19,
  float8_e5m2fnuz: 19,
  int4: 21,
  uint4: 21,
  float4_e2m1fn: 23,
};

/** Whether operators of a version can cast between two dtypes. */
export function canCast(from: DType, to: DType, opset: number): boolean {
  const since = [CAST_SINCE[from], CAST_SINCE[to]];
  return since.every((version) => version !== undefined && version <= opset);
}

/**
 * A node, in front of all others of the graph, that gives `output` the type that the nodes of the graph
 * expect, from the tensor `input` that is stored in another.
 */
export function castNodeEdit<V>(
  { scope }: FoundTensor,
  { input, output, dtype }: { readonly input: string; readonly output: string; readonly dtype: DType },
): Edit<V> {
  const attribute = [
    ...textField<V>(ATTRIBUTE.name, 'to'),
    varintField<V>(ATTRIBUTE.integer, dataTypeNumber(dtype) ?? 0),
    varintField<V>(ATTRIBUTE.type, INT),
  ];
  const node = [
    ...textField<V>(NODE.input, input),
    ...textField<V>(NODE.output, output),
    ...textField<V>(NODE.name, `${output}_cast`),
    ...textField<V>(NODE.opType, 'Cast'),
    ...bytesField(NODE.attribute, attribute),
  ];
  return { kind: 'prepend', at: scope.span, pieces: bytesField(GRAPH.node, node) };
}

export function textField<V>(number: number, text: string): Piece<V>[] {
  return bytesField<V>(number, [{ from: 'bytes', bytes: Buffer.from(text) }]);
}
