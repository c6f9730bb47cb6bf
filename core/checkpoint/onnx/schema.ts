import type { MessageShape } from '../protobuf/patch.ts';

/**
 * The fields of onnx.proto that hold tensors, graphs and names, by message and number. What is not here is
 * stepped over unread, and kept as it is by a writer that goes by this table.
 */
export const MODEL = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  domain: 4,
  modelVersion: 5,
  docString: 6,
  graph: 7,
  opsetImport: 8,
  metadataProps: 14,
  trainingInfo: 20,
  functions: 25,
  configuration: 26,
} as const;

export const TRAINING_INFO = { initialization: 1, algorithm: 2 } as const;

export const OPSET = { domain: 1, version: 2 } as const;

export const STRING_ENTRY = { key: 1, value: 2 } as const;

export const GRAPH = {
  node: 1,
  name: 2,
  initializer: 5,
  docString: 10,
  input: 11,
  output: 12,
  valueInfo: 13,
  quantizationAnnotation: 14,
  sparseInitializer: 15,
} as const;

export const VALUE_INFO = { name: 1, type: 2 } as const;

export const TYPE = { tensor: 1, sparseTensor: 8 } as const;

export const TENSOR_TYPE = { elementType: 1 } as const;

export const ANNOTATION = { tensorName: 1, parameters: 2 } as const;

export const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;

export const ATTRIBUTE = {
  name: 1,
  integer: 3,
  tensor: 5,
  graph: 6,
  tensors: 10,
  graphs: 11,
  type: 20,
  sparseTensor: 22,
  sparseTensors: 23,
} as const;

export const FUNCTION = { name: 1, input: 4, output: 5, node: 7, domain: 10 } as const;

export const TENSOR = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

export const SPARSE_TENSOR = { values: 1, indices: 2, dims: 3 } as const;

const ENTRY_SHAPE: MessageShape = { messages: {} };

const TENSOR_SHAPE: MessageShape = { messages: { [TENSOR.externalData]: () => ENTRY_SHAPE } };

const SPARSE_SHAPE: MessageShape = {
  messages: { [SPARSE_TENSOR.values]: () => TENSOR_SHAPE, [SPARSE_TENSOR.indices]: () => TENSOR_SHAPE },
};

const TENSOR_TYPE_SHAPE: MessageShape = { messages: {} };

const TYPE_SHAPE: MessageShape = {
  messages: { [TYPE.tensor]: () => TENSOR_TYPE_SHAPE, [TYPE.sparseTensor]: () => TENSOR_TYPE_SHAPE },
};

const VALUE_SHAPE: MessageShape = { messages: { [VALUE_INFO.type]: () => TYPE_SHAPE } };

const ANNOTATION_SHAPE: MessageShape = { messages: { [ANNOTATION.parameters]: () => ENTRY_SHAPE } };

const ATTRIBUTE_SHAPE: MessageShape = {
  messages: {
    [ATTRIBUTE.tensor]: () => TENSOR_SHAPE,
    [ATTRIBUTE.tensors]: () => TENSOR_SHAPE,
    [ATTRIBUTE.graph]: () => GRAPH_SHAPE,
    [ATTRIBUTE.graphs]: () => GRAPH_SHAPE,
    [ATTRIBUTE.sparseTensor]: () => SPARSE_SHAPE,
    [ATTRIBUTE.sparseTensors]: () => SPARSE_SHAPE,
  },
};

const NODE_SHAPE: MessageShape = { messages: { [NODE.attribute]: () => ATTRIBUTE_SHAPE } };

const GRAPH_SHAPE: MessageShape = {
  messages: {
    [GRAPH.node]: () => NODE_SHAPE,
    [GRAPH.initializer]: () => TENSOR_SHAPE,
    [GRAPH.sparseInitializer]: () => SPARSE_SHAPE,
    [GRAPH.input]: () => VALUE_SHAPE,
    [GRAPH.output]: () => VALUE_SHAPE,
    [GRAPH.valueInfo]: () => VALUE_SHAPE,
    [GRAPH.quantizationAnnotation]: () => ANNOTATION_SHAPE,
  },
};

/** Which fields of a model are messages that hold tensors or names: what a writer has to go into. */
export const MODEL_SHAPE: MessageShape = {
  messages: {
    [MODEL.graph]: () => GRAPH_SHAPE,
    [MODEL.functions]: () => ({ messages: { [FUNCTION.node]: () => NODE_SHAPE } }),
    [MODEL.metadataProps]: () => ENTRY_SHAPE,
    [MODEL.trainingInfo]: () => ({
      messages: { [TRAINING_INFO.initialization]: () => GRAPH_SHAPE, [TRAINING_INFO.algorithm]: () => GRAPH_SHAPE },
    }),
  },
};
