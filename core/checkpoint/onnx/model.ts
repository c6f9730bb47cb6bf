import { expectBytes, expectVarint, textOf } from '../protobuf/values.ts';
import type { Span, WireField } from '../protobuf/wire.ts';
import type { Steps, WireReader } from '../protobuf/wire-reader.ts';
import { type FoundTensor, type GraphSummary, type ReadGraph, readFunction, readGraph } from './graph.ts';
import { MODEL, OPSET, TRAINING_INFO } from './schema.ts';
import { readStringEntry, type StringEntry } from './string-entry.ts';

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
export function* readModel(reader: WireReader): Steps<OnnxModel> {
  const model = new ModelReader(reader);
  yield* reader.fields({ start: 0, stop: reader.size }, 'the model', (field) => model.take(field));
  return yield* model.finish();
}

class ModelReader {
  readonly #reader: WireReader;
  readonly #facts = { irVersion: 0, producerName: '', producerVersion: '', domain: '', modelVersion: 0, docString: '' };
  readonly #opset: [domain: string, version: number][] = [];
  readonly #properties: StringEntry[] = [];
  readonly #training: Span[] = [];
  readonly #functions: Span[] = [];
  #graph: Span | null = null;

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  take(field: WireField): Steps<void> | undefined {
    const reader = this.#reader;
    switch (field.number) {
      case MODEL.irVersion:
        this.#facts.irVersion = expectVarint(reader, field, 'the model');
        return undefined;
      case MODEL.modelVersion:
        this.#facts.modelVersion = expectVarint(reader, field, 'the model');
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
        if (this.#graph) reader.fail('the model has two graphs', field.at);
        this.#graph = expectBytes(reader, field, 'the model');
        return undefined;
      case MODEL.opsetImport:
        return this.#takeOpset(expectBytes(reader, field, 'the model'));
      case MODEL.metadataProps:
        return this.#takeProperty(expectBytes(reader, field, 'the model'));
      case MODEL.trainingInfo:
        this.#training.push(expectBytes(reader, field, 'the model'));
        return undefined;
      case MODEL.functions:
        this.#functions.push(expectBytes(reader, field, 'the model'));
        return undefined;
      default:
        return undefined;
    }
  }

  *finish(): Steps<OnnxModel> {
    const graph = this.#graph && (yield* readGraph(this.#reader, this.#graph, { path: 'graph', depth: 0 }));
    if (!graph && this.#functions.length === 0) this.#reader.fail('the model has no graph', 0);
    const graphs: ReadGraph[] = graph ? [graph] : [];
    for (const [index, span] of this.#functions.entries()) {
      graphs.push(yield* readFunction(this.#reader, span, `functions[${index}]`));
    }
    for (const [index, span] of this.#training.entries()) {
      graphs.push(...(yield* this.#readTraining(span, `training_info[${index}]`)));
    }
    return {
      facts: { ...this.#facts, opset: Object.fromEntries(this.#opset) },
      properties: this.#properties,
      graph: graph?.summary ?? null,
      graphs,
      tensors: graphs.flatMap(({ tensors }) => tensors),
    };
  }

  *#takeText(field: WireField, key: 'producerName' | 'producerVersion' | 'domain' | 'docString'): Steps<void> {
    const span = expectBytes(this.#reader, field, 'the model');
    this.#facts[key] = yield* textOf(this.#reader, span, { what: `${key} of the model`, limit: MAX_TEXT_BYTES });
  }

  *#takeOpset(span: Span): Steps<void> {
    const reader = this.#reader;
    const what = 'an opset of the model';
    let version = 0;
    let domainSpan: Span | null = null;
    yield* reader.fields(span, what, (field) => {
      if (field.number === OPSET.version) version = expectVarint(reader, field, what);
      if (field.number === OPSET.domain) domainSpan = expectBytes(reader, field, what);
      return undefined;
    });
    const domain = domainSpan ? yield* textOf(reader, domainSpan, { what }) : '';
    this.#opset.push([domain === '' ? 'ai.onnx' : domain, version]);
  }

  *#takeProperty(span: WireField): Steps<void> {
    if (this.#properties.length >= MAX_PROPERTIES) {
      this.#reader.fail(`the model has more than ${MAX_PROPERTIES} properties`, span.start);
    }
    const entry = yield* readStringEntry(this.#reader, span, {
      what: 'a property of the model',
      limit: MAX_TEXT_BYTES,
    });
    this.#properties.push(entry);
  }

  *#readTraining(span: Span, path: string): Steps<ReadGraph[]> {
    const parts: { readonly name: string; readonly span: Span }[] = [];
    yield* this.#reader.fields(span, path, (field) => {
      const name = Object.entries(TRAINING_INFO).find(([, number]) => number === field.number)?.[0];
      if (name) parts.push({ name, span: expectBytes(this.#reader, field, path) });
      return undefined;
    });
    const graphs: ReadGraph[] = [];
    for (const part of parts) {
      graphs.push(yield* readGraph(this.#reader, part.span, { path: `${path}.${part.name}`, depth: 0 }));
    }
    return graphs;
  }
}
