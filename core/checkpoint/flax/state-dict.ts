import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount, formatShape } from '../../ndarray/shape.ts';
import type { Entry, ValueNode } from '../checkpoint.ts';
import { dtypeOfNumpyName } from '../numpy-dtype.ts';
import type { PagedBytes } from '../paged-bytes.ts';
import { clippedText, itemCount, MAX_TEXT_BYTES } from '../value-text.ts';
import { readArray } from './array.ts';
import { CHUNKED_KEY, readChunked } from './chunked.ts';
import { MsgPackReader, type Token } from './msgpack.ts';

/** Python's own recursion stops flax at some hundred levels. */
const MAX_DEPTH = 256;
/** As for every format: the largest checkpoint known to us has 1.29 million tensors. */
const MAX_TENSORS = 2_000_000;
/** Numbers and strings beside the tensors; an optimizer's state has some dozen. */
const MAX_VALUES = 1_000_000;

/** flax/serialization.py, `_MsgpackExtType`. */
const EXTENSION = { ndarray: 1, nativeComplex: 2, npScalar: 3 } as const;

/** What a msgpack checkpoint holds, tensors apart from all else. */
export interface StateDict {
  readonly entries: readonly Entry[];
  readonly values: readonly ValueNode[];
  /** The names of tensors that are items of lists: their names are their places. */
  readonly items: ReadonlySet<string>;
}

/**
 * Reads the structure of what `flax.serialization.msgpack_serialize` writes: maps within maps, tensors as
 * extensions, tensors of 1 GiB and more in chunks. Names are the keys, joined by slashes.
 *
 * @throws CheckpointFormatError with the offset.
 */
export async function readStateDict(bytes: PagedBytes): Promise<StateDict> {
  const walk = new Walk(bytes);
  const root = await walk.value('', [], 0);
  if (walk.reader.position !== bytes.size) {
    bytes.fail('the file goes on after its one value; MessagePack checkpoints end there', walk.reader.position);
  }
  const values = root === null ? [] : root.kind === 'mapping' && root.children ? root.children : [root];
  return { entries: walk.entries, values, items: walk.items };
}

class Walk {
  readonly reader: MsgPackReader;
  readonly entries: Entry[] = [];
  readonly items = new Set<string>();
  #values = 0;

  constructor(readonly bytes: PagedBytes) {
    this.reader = new MsgPackReader(bytes);
  }

  /** Notes the tensors of the next value, and returns what else it holds; null where that is nothing. */
  async value(key: string, path: readonly string[], depth: number): Promise<ValueNode | null> {
    if (depth > MAX_DEPTH) this.bytes.fail(`values are nested more than ${MAX_DEPTH} deep`, this.reader.position);
    const token = await this.reader.next(path.length === 0 ? 'the checkpoint' : `the value of ${shown(path)}`);
    switch (token.kind) {
      case 'map':
        return await this.#map({ key, path, depth, count: token.count });
      case 'array':
        return await this.#array({ key, path, depth, count: token.count });
      case 'extension':
        return await this.#extension(key, path, token);
      default:
        return this.#noted(await this.#leaf(key, token));
    }
  }

  async #map({ key, path, depth, count }: Container): Promise<ValueNode | null> {
    const children: ValueNode[] = [];
    for (let i = 0; i < count; i++) {
      const name = await this.#key(path);
      if (i === 0 && name === CHUNKED_KEY) {
        await this.#chunked(path, count);
        return null;
      }
      const child = await this.value(name, [...path, name], depth + 1);
      if (child) children.push(child);
    }
    if (children.length === 0 && count > 0) return null;
    return { key, kind: 'mapping', text: itemCount(count), children };
  }

  async #array({ key, path, depth, count }: Container): Promise<ValueNode | null> {
    const children: ValueNode[] = [];
    for (let i = 0; i < count; i++) {
      const inner = [...path, String(i)];
      const child = await this.value(String(i), inner, depth + 1);
      if (child) children.push(child);
      const name = inner.join('/');
      if (this.entries.at(-1)?.name === name) this.items.add(name);
    }
    if (children.length === 0 && count > 0) return null;
    return { key, kind: 'sequence', text: itemCount(count), children };
  }

  async #key(path: readonly string[]): Promise<string> {
    const what = path.length === 0 ? 'a key' : `a key of ${shown(path)}`;
    const token = await this.reader.next(what);
    if (token.kind === 'integer') return String(token.value);
    return await this.reader.text(token, what);
  }

  async #extension(
    key: string,
    path: readonly string[],
    token: Extract<Token, { kind: 'extension' }>,
  ): Promise<ValueNode | null> {
    switch (token.type) {
      case EXTENSION.ndarray:
      case EXTENSION.npScalar:
        return await this.#tensor(key, path, token);
      case EXTENSION.nativeComplex:
        return this.#noted({ key, kind: 'number', type: 'complex', text: await this.#complex(token) });
      default:
        return this.#noted({ key, kind: 'bytes', type: `extension ${token.type}`, text: `${token.nbytes} bytes` });
    }
  }

  async #tensor(
    key: string,
    path: readonly string[],
    token: Extract<Token, { kind: 'extension' }>,
  ): Promise<ValueNode | null> {
    const what = `tensor ${shown(path)}`;
    const { shape, dtypeName, data } = await readArray(this.bytes, token, what);
    const known = dtypeOfNumpyName(dtypeName);
    if (!known) {
      return this.#noted({ key, kind: 'object', type: dtypeName, text: `array of shape ${formatShape(shape)}` });
    }
    const nbytes = bytesFor(known.dtype, elementCount(shape));
    if (nbytes !== data.nbytes) {
      this.bytes.fail(
        `${what}, ${dtypeName} ${formatShape(shape)}, takes ${nbytes} bytes, not ${data.nbytes}`,
        data.start,
      );
    }
    const facts = {
      ...(known.original && { dtype: known.original }),
      ...(token.type === EXTENSION.npScalar && { type: 'NumPy scalar' }),
    };
    this.#add({
      name: path.join('/'),
      dtype: known.dtype,
      shape,
      nbytes,
      file: 0,
      offset: this.bytes.base + data.start,
      ...(Object.keys(facts).length > 0 && { facts }),
    });
    return null;
  }

  async #chunked(path: readonly string[], members: number): Promise<void> {
    this.#add(await readChunked(this.reader, { name: path.join('/'), what: `tensor ${shown(path)}`, members }));
  }

  #add(entry: Entry): void {
    if (this.entries.length >= MAX_TENSORS) {
      this.bytes.fail(`there are more than ${MAX_TENSORS} tensors`, this.reader.position);
    }
    this.entries.push(entry);
  }

  #noted(node: ValueNode): ValueNode {
    if (++this.#values > MAX_VALUES) {
      this.bytes.fail(`there are more than ${MAX_VALUES} values beside the tensors`, this.reader.position);
    }
    return node;
  }

  async #complex(token: Extract<Token, { kind: 'extension' }>): Promise<string> {
    const parts = new MsgPackReader(this.bytes, token);
    const pair = await parts.next('a complex number');
    if (pair.kind !== 'array' || pair.count !== 2) this.bytes.fail('a complex number is no pair', token.offset);
    const [real, imaginary] = [await parts.next('a real part'), await parts.next('an imaginary part')].map((part) => {
      if (part.kind === 'float' || part.kind === 'integer') return Number(part.value);
      return this.bytes.fail('a complex number has parts that are no numbers', part.offset);
    });
    return `${real} + ${imaginary}i`;
  }

  async #leaf(key: string, token: Token): Promise<ValueNode> {
    switch (token.kind) {
      case 'boolean':
        return { key, kind: 'boolean', text: String(token.value) };
      case 'integer':
      case 'float':
        return { key, kind: 'number', text: String(token.value) };
      case 'string': {
        const cut = await this.bytes.bytes(token.start, Math.min(token.nbytes, MAX_TEXT_BYTES), 'a string');
        return { key, kind: 'string', text: clippedText(cut.toString('utf8')) };
      }
      case 'bytes':
        return { key, kind: 'bytes', text: `${token.nbytes} bytes` };
      default:
        return { key, kind: 'null', text: 'None' };
    }
  }
}

interface Container {
  readonly key: string;
  readonly path: readonly string[];
  readonly depth: number;
  readonly count: number;
}

function shown(path: readonly string[]): string {
  return JSON.stringify(path.join('/'));
}
