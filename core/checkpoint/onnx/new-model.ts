import type { DType } from '../../ndarray/dtype.ts';
import { bytesField, type Piece, varintField } from '../protobuf/patch.ts';
import { textField } from './cast-node.ts';
import { entryField, type OnnxTensor, tensorFields } from './model-edits.ts';
import { GRAPH, MODEL, OPSET } from './schema.ts';

/** Versions of the format, with the operators of their time, by the first that has a dtype (onnx.proto). */
const SINCE: readonly {
  readonly ir: number;
  readonly opset: number;
  readonly dtypes: readonly DType[];
}[] = [
  { ir: 14, opset: 28, dtypes: ['f6_e2m3', 'f6_e3m2'] },
  { ir: 13, opset: 25, dtypes: ['int2', 'uint2'] },
  { ir: 12, opset: 24, dtypes: ['float8_e8m0fnu'] },
  { ir: 11, opset: 23, dtypes: ['float4_e2m1fn'] },
  { ir: 10, opset: 21, dtypes: ['int4', 'uint4'] },
  { ir: 9, opset: 19, dtypes: ['float8_e4m3fn', 'float8_e4m3fnuz', 'float8_e5m2', 'float8_e5m2fnuz'] },
];
/** What every reader of these years takes. */
const USUAL = { ir: 8, opset: 17 };

/** A model that is nothing but initializers: a graph without nodes, inputs and outputs. */
export function newModel<V>(
  tensors: readonly OnnxTensor<V>[],
  metadata: ReadonlyMap<string, string>,
): readonly Piece<V>[] {
  const initializers = tensors.flatMap((tensor) => bytesField(GRAPH.initializer, tensorFields(tensor)));
  const { ir, opset } = SINCE.find(({ dtypes }) => tensors.some(({ dtype }) => dtypes.includes(dtype))) ?? USUAL;
  return [
    varintField<V>(MODEL.irVersion, ir),
    ...textField<V>(MODEL.producerName, 'parascope'),
    ...bytesField(MODEL.graph, [...textField<V>(GRAPH.name, 'tensors'), ...initializers]),
    ...bytesField(MODEL.opsetImport, [varintField<V>(OPSET.version, opset)]),
    ...[...metadata].flatMap(([key, text]) => entryField<V>(MODEL.metadataProps, key, text)),
  ];
}
