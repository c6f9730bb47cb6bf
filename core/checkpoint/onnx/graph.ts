import { expectBytes, textOf, varintsOf } from '../protobuf/values.ts';
import type { Span, WireField } from '../protobuf/wire.ts';
import type { Steps, WireReader } from '../protobuf/wire-reader.ts';
import { type ReadNode, readAttribute, readNode } from './node.ts';
import { ANNOTATION, ATTRIBUTE, FUNCTION, GRAPH, SPARSE_TENSOR, STRING_ENTRY } from './schema.ts';
import { Scope } from './scope.ts';
import { readTensorMessage, type TensorMessage } from './tensor-message.ts';
import { readValueInfo } from './value-info.ts';

/** A tensor of a graph, with what it can be called. */
export interface FoundTensor {
  readonly message: TensorMessage;
  /** Its whole field in its graph or attribute, the tag included. */
  readonly field: Span;
  /** Of a sparse tensor: its positions and its dense shape; `message` has the values. */
  readonly sparse?: { readonly indices: TensorMessage; readonly dims: readonly number[] };
  /** As onnx writes it: `graph.initializer`, `graph.node[2].value`. */
  readonly where: string;
  readonly scope: Scope;
  /** The value that it is, in its scope; empty for one that is only an argument of a node. */
  readonly value: string;
  /** What to call it, the best first; a name that is taken gives way to the next. */
  readonly names: readonly string[];
}

export interface GraphSummary {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: number;
}

export interface ReadGraph {
  readonly scope: Scope;
  readonly tensors: readonly FoundTensor[];
  readonly summary: GraphSummary;
}

/** Graphs in nodes of graphs in nodes; real models have two or three. */
const MAX_DEPTH = 32;
/** Nodes of one graph; real models have up to some 100,000. */
const MAX_NODES = 1_000_000;
/** Tensors of one graph. */
const MAX_TENSORS = 1_000_000;

interface Place {
  readonly path: string;
  readonly parent?: Scope;
  readonly depth: number;
}

/** Reads the structure of a graph and of those inside its nodes. */
export function* readGraph(reader: WireReader, span: Span, place: Place): Steps<ReadGraph> {
  if (place.depth > MAX_DEPTH) reader.fail(`more than ${MAX_DEPTH} graphs lie in each other`, span.start);
  const graph = new GraphReader(reader, span, place);
  yield* reader.fields(span, place.path, (field) => graph.take(field));
  return graph.finish();
}

/** A function's nodes, read like those of a graph of its own. */
export function* readFunction(reader: WireReader, span: Span, path: string): Steps<ReadGraph> {
  const graph = new GraphReader(reader, span, { path, depth: 0 });
  yield* reader.fields(span, path, (field) => graph.takeOfFunction(field));
  return graph.finish();
}

class GraphReader {
  readonly #reader: WireReader;
  readonly #scope: Scope;
  readonly #depth: number;
  readonly #initializers: FoundTensor[] = [];
  readonly #sparse: FoundTensor[] = [];
  readonly #ofNodes: FoundTensor[] = [];
  readonly #inputs: string[] = [];
  readonly #outputs: string[] = [];
  #name = '';
  #nodes = 0;

  constructor(reader: WireReader, span: Span, { path, parent, depth }: Place) {
    this.#reader = reader;
    this.#scope = new Scope(path, span, parent);
    this.#depth = depth;
  }

  finish(): ReadGraph {
    return {
      scope: this.#scope,
      tensors: [...this.#initializers, ...this.#sparse, ...this.#ofNodes],
      summary: { name: this.#name, inputs: this.#inputs, outputs: this.#outputs, nodes: this.#nodes },
    };
  }

  take(field: WireField): Steps<void> | undefined {
    return OF_GRAPH.has(field.number)
      ? this.#takePartOfGraph(field.number, expectBytes(this.#reader, field, this.#scope.path))
      : undefined;
  }

  #takePartOfGraph(number: number, span: WireField): Steps<void> | undefined {
    switch (number) {
      case GRAPH.node:
        return this.#takeNode(span);
      case GRAPH.name:
        return this.#takeText(span, (text) => {
          this.#name = text;
        });
      case GRAPH.initializer:
        return this.#takeInitializer(span);
      case GRAPH.sparseInitializer:
        return this.#takeSparse(span);
      case GRAPH.input:
        return this.#takeValueInfo(span, (name, at) => {
          this.#scope.define(name, at);
          this.#inputs.push(name);
        });
      case GRAPH.output:
        return this.#takeValueInfo(span, (name, at) => {
          this.#scope.note(name, at);
          this.#scope.hold(name, `an output of ${this.#scope.path}`);
          this.#outputs.push(name);
        });
      case GRAPH.valueInfo:
        return this.#takeValueInfo(span, (name, at) => this.#scope.note(name, at));
      case GRAPH.quantizationAnnotation:
        return this.#takeAnnotation(span);
      default:
        return undefined;
    }
  }

  takeOfFunction(field: WireField): Steps<void> | undefined {
    const span = OF_FUNCTION.has(field.number) ? expectBytes(this.#reader, field, this.#scope.path) : field;
    switch (field.number) {
      case FUNCTION.name:
        return this.#takePartOfGraph(GRAPH.name, span);
      case FUNCTION.node:
        return this.#takePartOfGraph(GRAPH.node, span);
      case FUNCTION.input:
        return this.#takeText(span, (name) => {
          this.#scope.define(name, span);
          this.#inputs.push(name);
        });
      case FUNCTION.output:
        return this.#takeText(span, (name) => {
          this.#scope.note(name, span);
          this.#outputs.push(name);
        });
      default:
        return undefined;
    }
  }

  *#takeText(span: Span, take: (text: string) => void): Steps<void> {
    take(yield* textOf(this.#reader, span, { what: `a name in ${this.#scope.path}` }));
  }

  *#takeInitializer(span: WireField): Steps<void> {
    const where = `${this.#scope.path}.initializer`;
    if (this.#initializers.length >= MAX_TENSORS) {
      this.#reader.fail(`${this.#scope.path} has more than ${MAX_TENSORS} initializers`, span.start);
    }
    const message = yield* readTensorMessage(this.#reader, span, `${where}[${this.#initializers.length}]`);
    const { name, nameSpan } = message;
    if (nameSpan) this.#scope.define(name, nameSpan);
    const names = [name, `${this.#scope.path}.${name}`].filter((text) => text !== '');
    this.#initializers.push({ message, field: fieldOf(span), where, scope: this.#scope, value: name, names });
  }

  *#takeSparse(span: WireField): Steps<void> {
    const where = `${this.#scope.path}.sparse_initializer`;
    const found = yield* readSparse(this.#reader, span, `${where}[${this.#sparse.length}]`);
    const { name, nameSpan } = found.message;
    if (nameSpan) this.#scope.define(name, nameSpan);
    this.#sparse.push({
      ...found,
      field: fieldOf(span),
      where,
      scope: this.#scope,
      value: name,
      names: [name, `${where}.${name}`],
    });
  }

  *#takeValueInfo(span: WireField, take: (name: string, at: Span) => void): Steps<void> {
    const what = `a value of ${this.#scope.path}`;
    const { name, elementType } = yield* readValueInfo(this.#reader, span, what);
    if (!name) return;
    take(name.text, name.at);
    this.#scope.describe(name.text, { field: fieldOf(span), name: name.at, elementType });
  }

  *#takeAnnotation(span: Span): Steps<void> {
    const what = `an annotation of ${this.#scope.path}`;
    yield* this.#reader.fields(span, what, (field) => {
      if (field.number === ANNOTATION.tensorName) {
        return this.#takeText(expectBytes(this.#reader, field, what), (name) => {
          this.#scope.note(name, field);
          this.#scope.hold(name, `a quantization annotation of ${this.#scope.path}`);
        });
      }
      if (field.number !== ANNOTATION.parameters) return undefined;
      return this.#reader.fields(expectBytes(this.#reader, field, what), what, (entry) => {
        if (entry.number !== STRING_ENTRY.value) return undefined;
        return this.#takeText(expectBytes(this.#reader, entry, what), (name) => {
          this.#scope.note(name, entry);
          this.#scope.hold(name, `a quantization annotation of ${this.#scope.path}`);
        });
      });
    });
  }

  *#takeNode(span: Span): Steps<void> {
    if (this.#nodes >= MAX_NODES) this.#reader.fail(`${this.#scope.path} has more than ${MAX_NODES} nodes`, span.start);
    const node = yield* readNode(this.#reader, span, `${this.#scope.path}.node[${this.#nodes++}]`);
    const user = node.name === '' ? node.opType : `${node.opType} ${node.name}`;
    for (const { text, at } of node.inputs) {
      this.#scope.note(text, at);
      if (text !== '') this.#scope.use(text, { node: user, isCast: node.opType === 'Cast' });
    }
    for (const { text, at } of node.outputs) this.#scope.define(text, at);
    for (const attribute of node.attributes) yield* this.#takeAttribute(attribute, node);
  }

  *#takeAttribute(span: Span, node: ReadNode): Steps<void> {
    const { parts, name } = yield* readAttribute(this.#reader, span, `an attribute of ${node.path}`);
    for (const [index, part] of parts.entries()) {
      const many = MANY.has(part.number) ? `[${index}]` : '';
      yield* this.#takePart(part, { node, name: `${name}${many}` });
    }
  }

  *#takePart(part: WireField, { node, name }: { readonly node: ReadNode; readonly name: string }): Steps<void> {
    const where = `${node.path}.${name}`;
    if (part.number === ATTRIBUTE.graph || part.number === ATTRIBUTE.graphs) {
      const place = { path: where, parent: this.#scope, depth: this.#depth + 1 };
      const inner = yield* readGraph(this.#reader, part, place);
      for (const tensor of inner.tensors) this.#ofNodes.push(tensor);
      return;
    }
    const isSparse = part.number === ATTRIBUTE.sparseTensor || part.number === ATTRIBUTE.sparseTensors;
    const found = isSparse
      ? yield* readSparse(this.#reader, part, where)
      : { message: yield* readTensorMessage(this.#reader, part, where) };
    const output = node.outputs[0]?.text ?? '';
    const isConstant = node.opType === 'Constant';
    const value = isConstant ? output : '';
    const called = isConstant ? output : `${output || node.name || node.path}.${name}`;
    const names = [found.message.name, called, where].filter((text) => text !== '');
    this.#ofNodes.push({ ...found, field: fieldOf(part), where, scope: this.#scope, value, names });
  }
}

function fieldOf({ at, stop }: WireField): Span {
  return { start: at, stop };
}

const OF_GRAPH: ReadonlySet<number> = new Set(Object.values(GRAPH));
const OF_FUNCTION: ReadonlySet<number> = new Set(Object.values(FUNCTION));

const MANY: ReadonlySet<number> = new Set([ATTRIBUTE.tensors, ATTRIBUTE.graphs, ATTRIBUTE.sparseTensors]);

/** Axes of a sparse tensor; NumPy has at most 64. */
const MAX_AXES = 64;

function* readSparse(
  reader: WireReader,
  span: Span,
  what: string,
): Steps<Required<Pick<FoundTensor, 'message' | 'sparse'>>> {
  const spans: { values: Span | null; indices: Span | null } = { values: null, indices: null };
  const sizes: WireField[] = [];
  yield* reader.fields(span, what, (field) => {
    if (field.number === SPARSE_TENSOR.values) spans.values = expectBytes(reader, field, what);
    else if (field.number === SPARSE_TENSOR.indices) spans.indices = expectBytes(reader, field, what);
    else if (field.number === SPARSE_TENSOR.dims) sizes.push(field);
    return undefined;
  });
  const { values, indices } = spans;
  if (!values || !indices) return reader.fail(`${what} has no ${values ? 'indices' : 'values'}`, span.start);
  const dims: number[] = [];
  if (sizes.length > MAX_AXES) reader.fail(`${what} has more than ${MAX_AXES} axes`, span.start);
  for (const field of sizes) {
    for (const size of yield* varintsOf(reader, field, { what: `the shape of ${what}`, limit: MAX_AXES })) {
      if (size < 0 || !Number.isSafeInteger(size)) reader.fail(`${what} has an axis of size ${size}`, field.at);
      dims.push(size);
    }
  }
  return {
    message: yield* readTensorMessage(reader, values, `the values of ${what}`),
    sparse: { indices: yield* readTensorMessage(reader, indices, `the indices of ${what}`), dims },
  };
}
