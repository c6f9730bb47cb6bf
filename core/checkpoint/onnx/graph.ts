import type { PagedBytes } from '../paged-bytes.ts';
import { textOf, varintsOf } from '../protobuf/values.ts';
import { forEachField, type Span } from '../protobuf/wire.ts';
import { ANNOTATION, ATTRIBUTE, FUNCTION, GRAPH, NODE, SPARSE_TENSOR, STRING_ENTRY, VALUE_INFO } from './schema.ts';
import { Scope } from './scope.ts';
import { expectBytes, readTensorMessage, type TensorMessage } from './tensor-message.ts';

/** A tensor of a graph, with what it can be called. */
export interface FoundTensor {
  readonly message: TensorMessage;
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

interface Place {
  readonly path: string;
  readonly parent?: Scope;
  readonly depth: number;
}

/** Reads the structure of a graph and of those inside its nodes. */
export async function readGraph(bytes: PagedBytes, span: Span, place: Place): Promise<ReadGraph> {
  if (place.depth > MAX_DEPTH) bytes.fail(`more than ${MAX_DEPTH} graphs lie in each other`, span.start);
  const graph = new GraphReader(bytes, place);
  await forEachField(bytes, { ...span, what: place.path }, (field) => graph.take(field.number, field));
  return graph.finish();
}

/** A function's nodes, read like those of a graph of its own. */
export async function readFunction(bytes: PagedBytes, span: Span, path: string): Promise<ReadGraph> {
  const graph = new GraphReader(bytes, { path, depth: 0 });
  await forEachField(bytes, { ...span, what: path }, (field) => graph.takeOfFunction(field.number, field));
  return graph.finish();
}

class GraphReader {
  readonly #bytes: PagedBytes;
  readonly #scope: Scope;
  readonly #depth: number;
  readonly #initializers: FoundTensor[] = [];
  readonly #sparse: FoundTensor[] = [];
  readonly #ofNodes: FoundTensor[] = [];
  readonly #inputs: string[] = [];
  readonly #outputs: string[] = [];
  #name = '';
  #nodes = 0;

  constructor(bytes: PagedBytes, { path, parent, depth }: Place) {
    this.#bytes = bytes;
    this.#scope = new Scope(path, parent);
    this.#depth = depth;
  }

  finish(): ReadGraph {
    return {
      scope: this.#scope,
      tensors: [...this.#initializers, ...this.#sparse, ...this.#ofNodes],
      summary: { name: this.#name, inputs: this.#inputs, outputs: this.#outputs, nodes: this.#nodes },
    };
  }

  take(number: number, span: Span): Promise<void> | undefined {
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

  takeOfFunction(number: number, span: Span): Promise<void> | undefined {
    switch (number) {
      case FUNCTION.name:
        return this.take(GRAPH.name, span);
      case FUNCTION.node:
        return this.take(GRAPH.node, span);
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

  async #takeText(span: Span, take: (text: string) => void): Promise<void> {
    take(await textOf(this.#bytes, span, { what: `a name in ${this.#scope.path}` }));
  }

  async #takeInitializer(span: Span): Promise<void> {
    const where = `${this.#scope.path}.initializer`;
    const message = await readTensorMessage(this.#bytes, span, `${where}[${this.#initializers.length}]`);
    const { name, nameSpan } = message;
    if (nameSpan) this.#scope.define(name, nameSpan);
    const names = [name, `${this.#scope.path}.${name}`].filter((text) => text !== '');
    this.#initializers.push({ message, where, scope: this.#scope, value: name, names });
  }

  async #takeSparse(span: Span): Promise<void> {
    const where = `${this.#scope.path}.sparse_initializer`;
    const found = await readSparse(this.#bytes, span, `${where}[${this.#sparse.length}]`);
    const { name, nameSpan } = found.message;
    if (nameSpan) this.#scope.define(name, nameSpan);
    this.#sparse.push({ ...found, where, scope: this.#scope, value: name, names: [name, `${where}.${name}`] });
  }

  async #takeValueInfo(span: Span, take: (name: string, at: Span) => void): Promise<void> {
    const what = `a value of ${this.#scope.path}`;
    await forEachField(this.#bytes, { ...span, what }, (field) => {
      if (field.number !== VALUE_INFO.name) return undefined;
      return this.#takeText(expectBytes(this.#bytes, field, what), (name) => take(name, field));
    });
  }

  async #takeAnnotation(span: Span): Promise<void> {
    const what = `an annotation of ${this.#scope.path}`;
    await forEachField(this.#bytes, { ...span, what }, (field) => {
      if (field.number === ANNOTATION.tensorName) {
        return this.#takeText(expectBytes(this.#bytes, field, what), (name) => this.#scope.note(name, field));
      }
      if (field.number !== ANNOTATION.parameters) return undefined;
      return forEachField(this.#bytes, { ...expectBytes(this.#bytes, field, what), what }, (entry) => {
        if (entry.number !== STRING_ENTRY.value) return undefined;
        return this.#takeText(expectBytes(this.#bytes, entry, what), (name) => this.#scope.note(name, entry));
      });
    });
  }

  async #takeNode(span: Span): Promise<void> {
    const path = `${this.#scope.path}.node[${this.#nodes++}]`;
    const attributes: Span[] = [];
    const inputs: string[] = [];
    const outputs: string[] = [];
    let [opType, nodeName] = ['', ''];
    await forEachField(this.#bytes, { ...span, what: path }, (field) => {
      switch (field.number) {
        case NODE.input:
          return this.#takeText(expectBytes(this.#bytes, field, path), (name) => {
            this.#scope.note(name, field);
            inputs.push(name);
          });
        case NODE.output:
          return this.#takeText(expectBytes(this.#bytes, field, path), (name) => {
            this.#scope.define(name, field);
            outputs.push(name);
          });
        case NODE.opType:
          return this.#takeText(expectBytes(this.#bytes, field, path), (text) => {
            opType = text;
          });
        case NODE.name:
          return this.#takeText(expectBytes(this.#bytes, field, path), (text) => {
            nodeName = text;
          });
        case NODE.attribute:
          attributes.push(expectBytes(this.#bytes, field, path));
          return undefined;
        default:
          return undefined;
      }
    });
    const user = nodeName === '' ? opType : `${opType} ${nodeName}`;
    for (const name of inputs) if (name !== '') this.#scope.use(name, user);
    const [output = ''] = outputs;
    const node = { path, opType, output, label: output || nodeName || path };
    for (const attribute of attributes) await this.#takeAttribute(attribute, node);
  }

  async #takeAttribute(span: Span, node: NodeLabel): Promise<void> {
    const bytes = this.#bytes;
    const parts: { readonly number: number; readonly span: Span }[] = [];
    let name = '';
    await forEachField(bytes, { ...span, what: `an attribute of ${node.path}` }, (field) => {
      if (field.number === ATTRIBUTE.name) {
        return this.#takeText(expectBytes(bytes, field, node.path), (text) => {
          name = text;
        });
      }
      if (CONTAINERS.has(field.number)) {
        parts.push({ number: field.number, span: expectBytes(bytes, field, node.path) });
      }
      return undefined;
    });
    for (const [index, part] of parts.entries()) {
      const many = MANY.has(part.number) ? `[${index}]` : '';
      await this.#takePart(part, { node, where: `${node.path}.${name}${many}`, name: `${name}${many}` });
    }
  }

  async #takePart(
    { number, span }: { readonly number: number; readonly span: Span },
    { node, where, name }: { readonly node: NodeLabel; readonly where: string; readonly name: string },
  ): Promise<void> {
    if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) {
      const place = { path: where, parent: this.#scope, depth: this.#depth + 1 };
      const inner = await readGraph(this.#bytes, span, place);
      this.#ofNodes.push(...inner.tensors);
      return;
    }
    const isSparse = number === ATTRIBUTE.sparseTensor || number === ATTRIBUTE.sparseTensors;
    const found = isSparse
      ? await readSparse(this.#bytes, span, where)
      : { message: await readTensorMessage(this.#bytes, span, where) };
    const isConstant = node.opType === 'Constant';
    const own = found.message.name;
    const value = isConstant ? node.output : '';
    const names = [own, ...(isConstant ? [node.output] : [`${node.label}.${name}`]), where].filter(
      (text) => text !== '',
    );
    this.#ofNodes.push({ ...found, where, scope: this.#scope, value, names });
  }
}

interface NodeLabel {
  readonly path: string;
  readonly opType: string;
  readonly output: string;
  readonly label: string;
}

const CONTAINERS: ReadonlySet<number> = new Set([
  ATTRIBUTE.tensor,
  ATTRIBUTE.graph,
  ATTRIBUTE.tensors,
  ATTRIBUTE.graphs,
  ATTRIBUTE.sparseTensor,
  ATTRIBUTE.sparseTensors,
]);

const MANY: ReadonlySet<number> = new Set([ATTRIBUTE.tensors, ATTRIBUTE.graphs, ATTRIBUTE.sparseTensors]);

/** Axes of a sparse tensor; NumPy has at most 64. */
const MAX_AXES = 64;

async function readSparse(
  bytes: PagedBytes,
  span: Span,
  what: string,
): Promise<Required<Pick<FoundTensor, 'message' | 'sparse'>>> {
  let message: TensorMessage | null = null;
  let indices: TensorMessage | null = null;
  const dims: number[] = [];
  await forEachField(bytes, { ...span, what }, async (field) => {
    if (field.number === SPARSE_TENSOR.values) {
      message = await readTensorMessage(bytes, expectBytes(bytes, field, what), `the values of ${what}`);
    } else if (field.number === SPARSE_TENSOR.indices) {
      indices = await readTensorMessage(bytes, expectBytes(bytes, field, what), `the indices of ${what}`);
    } else if (field.number === SPARSE_TENSOR.dims) {
      const sizes = await varintsOf(bytes, field, { what: `the shape of ${what}`, limit: MAX_AXES });
      for (const size of sizes) {
        if (size > BigInt(Number.MAX_SAFE_INTEGER)) bytes.fail(`${what} has an axis of size ${size}`, field.at);
        dims.push(Number(size));
      }
    }
  });
  if (!message || !indices) return bytes.fail(`${what} has no ${message ? 'indices' : 'values'}`, span.start);
  if (dims.length > MAX_AXES) bytes.fail(`${what} has more than ${MAX_AXES} axes`, span.start);
  return { message, sparse: { indices, dims } };
}
