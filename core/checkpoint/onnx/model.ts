import type { PagedBytes } from '../paged-bytes.ts';
import { small, textOf } from '../protobuf/values.ts';
import { forEachField, type Span, type WireField } from '../protobuf/wire.ts';
import { type FoundTensor, type GraphSummary, type ReadGraph, readFunction, readGraph } from './graph.ts';
import { MODEL, OPSET, TRAINING_INFO } from './schema.ts';
import { expectBytes, expectVarint, readStringEntry, type StringEntry } from './tensor-message.ts';

/** What a model says of itself, beside its graphs. */
export interface ModelFacts {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly domain: string;
  readonly modelVersion: number;
  readonly docString: string;
  /** By domain; the standard operators' is `ai.onnx`. */
  readonly opset: Readonly<Record<string, number>>;
}

export interface OnnxModel {
  readonly facts: ModelFacts;
  /** `metadata_props`, with the places of the values. */
  readonly properties: readonly StringEntry[];
  /** Null of a library of functions. */
  readonly graph: GraphSummary | null;
  readonly graphs: readonly ReadGraph[];
  readonly tensors: readonly FoundTensor[];
}

/** The longest text of a model that is read: a property, a description. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
const MAX_PROPERTIES = 100_000;

/** Reads the structure of a ModelProto; of its tensors where they lie and nothing of what they hold. */
export async function readModel(bytes: PagedBytes): Promise<OnnxModel> {
  const model = new ModelReader(bytes);
  const whole = { start: 0, stop: bytes.size, what: 'the model' };
  await forEachField(bytes, whole, (field) => model.take(field));
  return await model.finish();
}

class ModelReader {
  readonly #bytes: PagedBytes;
  readonly #facts = { irVersion: 0, producerName: '', producerVersion: '', domain: '', modelVersion: 0, docString: '' };
  readonly #opset: [domain: string, version: number][] = [];
  readonly #properties: StringEntry[] = [];
  readonly #training: Span[] = [];
  readonly #functions: Span[] = [];
  #graph: Span | null = null;

  constructor(bytes: PagedBytes) {
    this.#bytes = bytes;
  }

  take(field: WireField): Promise<void> | undefined {
    const bytes = this.#bytes;
    switch (field.number) {
      case MODEL.irVersion:
        this.#facts.irVersion = small(expectVarint(bytes, field, 'the model'));
        return undefined;
      case MODEL.modelVersion:
        this.#facts.modelVersion = small(expectVarint(bytes, field, 'the model'));
        return undefined;
      case MODEL.producerName:
        return this.#takeText(field, 'producerName');
      case MODEL.producerVersion:
        return this.#takeText(field, 'producerVersion');
      case MODEL.domain:
        return this.#takeText(field, 'domain');
      case MODEL.docString:
        return this.#takeText(field, 'docString');
      case MODEL.graph:
        if (this.#graph) bytes.fail('the model has two graphs', field.at);
        this.#graph = expectBytes(bytes, field, 'the model');
        return undefined;
      case MODEL.opsetImport:
        return this.#takeOpset(expectBytes(bytes, field, 'the model'));
      case MODEL.metadataProps:
        return this.#takeProperty(expectBytes(bytes, field, 'the model'));
      case MODEL.trainingInfo:
        this.#training.push(expectBytes(bytes, field, 'the model'));
        return undefined;
      case MODEL.functions:
        this.#functions.push(expectBytes(bytes, field, 'the model'));
        return undefined;
      default:
        return undefined;
    }
  }

  async finish(): Promise<OnnxModel> {
    const graph = this.#graph && (await readGraph(this.#bytes, this.#graph, { path: 'graph', depth: 0 }));
    if (!graph && this.#functions.length === 0) this.#bytes.fail('the model has no graph', 0);
    const graphs: ReadGraph[] = graph ? [graph] : [];
    for (const [index, span] of this.#functions.entries()) {
      graphs.push(await readFunction(this.#bytes, span, `functions[${index}]`));
    }
    for (const [index, span] of this.#training.entries()) {
      graphs.push(...(await this.#readTraining(span, `training_info[${index}]`)));
    }
    return {
      facts: { ...this.#facts, opset: Object.fromEntries(this.#opset) },
      properties: this.#properties,
      graph: graph?.summary ?? null,
      graphs,
      tensors: graphs.flatMap(({ tensors }) => tensors),
    };
  }

  async #takeText(field: WireField, key: 'producerName' | 'producerVersion' | 'domain' | 'docString'): Promise<void> {
    const span = expectBytes(this.#bytes, field, 'the model');
    this.#facts[key] = await textOf(this.#bytes, span, { what: `${key} of the model`, limit: MAX_TEXT_BYTES });
  }

  async #takeOpset(span: Span): Promise<void> {
    const what = 'an opset of the model';
    let [domain, version] = ['', 0];
    await forEachField(this.#bytes, { ...span, what }, async (field) => {
      if (field.number === OPSET.version) version = small(expectVarint(this.#bytes, field, what));
      if (field.number === OPSET.domain) {
        domain = await textOf(this.#bytes, expectBytes(this.#bytes, field, what), { what });
      }
    });
    this.#opset.push([domain === '' ? 'ai.onnx' : domain, version]);
  }

  async #takeProperty(span: Span): Promise<void> {
    if (this.#properties.length >= MAX_PROPERTIES) {
      this.#bytes.fail(`the model has more than ${MAX_PROPERTIES} properties`, span.start);
    }
    this.#properties.push(await readStringEntry(this.#bytes, span, 'a property of the model', MAX_TEXT_BYTES));
  }

  async #readTraining(span: Span, path: string): Promise<ReadGraph[]> {
    const graphs: ReadGraph[] = [];
    await forEachField(this.#bytes, { ...span, what: path }, async (field) => {
      const part = Object.entries(TRAINING_INFO).find(([, number]) => number === field.number)?.[0];
      if (!part) return;
      const inner = expectBytes(this.#bytes, field, path);
      graphs.push(await readGraph(this.#bytes, inner, { path: `${path}.${part}`, depth: 0 }));
    });
    return graphs;
  }
}
