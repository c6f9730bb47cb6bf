import type { FileSource } from '../byte-source.ts';
import type { ValueNode } from '../checkpoint.ts';
import { WireReader } from '../protobuf/wire-reader.ts';
import { ReadableCheckpoint } from '../readable-checkpoint.ts';
import { jsonNode } from '../value-text.ts';
import { ExternalFiles } from './external-files.ts';
import type { FoundTensor } from './graph.ts';
import { type OnnxModel, readModel } from './model.ts';
import { type ListedTensors, listTensors } from './tensors.ts';

/**
 * An ONNX model: its initializers, and every other tensor in its graphs. Its metadata are its
 * `metadata_props`; what else it says of itself are `values`.
 */
export class OnnxCheckpoint extends ReadableCheckpoint {
  /** What the writer goes by: where everything stands. */
  readonly model: OnnxModel;
  /** What each entry is in the model; parallel to `entries`. */
  readonly found: readonly FoundTensor[];
  /** The model's own file. */
  readonly source: FileSource;

  constructor(files: ExternalFiles, model: OnnxModel, { entries, others, found }: ListedTensors) {
    super({
      format: 'onnx',
      sources: files.sources,
      metadata: Object.fromEntries(model.properties.map(({ key, value }) => [key, value])),
      entries,
      others,
      values: valuesOf(model),
    });
    this.model = model;
    this.found = found;
    this.source = files.model;
  }
}

function valuesOf({ facts, graph, graphs }: OnnxModel): ValueNode[] {
  const { irVersion, producerName, producerVersion, domain, modelVersion, docString, opset } = facts;
  const functions = graphs
    .filter(({ scope }) => scope.path.startsWith('functions['))
    .map(({ summary }) => summary.name);
  const said = {
    ir_version: irVersion,
    producer_name: producerName,
    producer_version: producerVersion,
    domain,
    model_version: modelVersion,
    doc_string: docString,
    opset,
    graph,
    functions,
  };
  return Object.entries(said)
    .filter(
      ([, value]) => value !== '' && value !== 0 && value !== null && !(Array.isArray(value) && value.length === 0),
    )
    .map(([key, value]) => jsonNode(key, value));
}

export async function openOnnx(source: FileSource): Promise<OnnxCheckpoint> {
  const reader = new WireReader(source);
  const model = await reader.run(readModel(reader));
  const files = new ExternalFiles(source);
  return new OnnxCheckpoint(files, model, await listTensors(model.tensors, { reader, files }));
}
