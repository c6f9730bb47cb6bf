import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PagedBytes } from '../paged-bytes.ts';
import { CHUNKED_KEY, readChunked } from './chunked.ts';
import { MsgPackReader, type Token } from './msgpack.ts';

/** Values that are read before others get a turn. */
const SLICE = 4096;

/** Where a value lies in the file, from its head to behind its last byte. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export interface TreeMember {
  readonly key: string;
  /** Where the key as it is stored begins; it ends where the value begins. */
  readonly keyStart: number;
  readonly value: TreeNode;
}

/** A value of the file: what a writer needs to copy all that it does not change. */
export type TreeNode =
  | (Span & { readonly kind: 'map'; readonly members: readonly TreeMember[] })
  | (Span & { readonly kind: 'array'; readonly items: readonly TreeNode[] })
  /** An extension with an array, or a map that stands for one in chunks. `type` is the extension's, null for chunks. */
  | (Span & { readonly kind: 'array-value'; readonly type: number | null })
  | (Span & { readonly kind: 'other' });

/** Reads where every value of a file lies, of one that `readStateDict` has accepted. */
export async function readTree(bytes: PagedBytes): Promise<TreeNode> {
  return await new TreeWalk(new MsgPackReader(bytes)).value();
}

class TreeWalk {
  #seen = 0;

  constructor(readonly reader: MsgPackReader) {}

  async value(): Promise<TreeNode> {
    if (++this.#seen % SLICE === 0) await nextTurn();
    const start = this.reader.position;
    const token = await this.reader.next('a value');
    switch (token.kind) {
      case 'map':
        return await this.#map(start, token.count);
      case 'array': {
        const items: TreeNode[] = [];
        for (let i = 0; i < token.count; i++) items.push(await this.value());
        return { kind: 'array', start, end: this.reader.position, items };
      }
      default:
        return this.#leaf(start, token);
    }
  }

  async #map(start: number, count: number): Promise<TreeNode> {
    const members: TreeMember[] = [];
    for (let i = 0; i < count; i++) {
      const keyStart = this.reader.position;
      const key = await this.#key();
      if (i === 0 && key === CHUNKED_KEY) {
        await readChunked(this.reader, { name: '', what: 'a tensor', members: count });
        return { kind: 'array-value', type: null, start, end: this.reader.position };
      }
      members.push({ key, keyStart, value: await this.value() });
    }
    return { kind: 'map', start, end: this.reader.position, members };
  }

  async #key(): Promise<string> {
    const token = await this.reader.next('a key');
    return token.kind === 'integer' ? String(token.value) : await this.reader.text(token, 'a key');
  }

  #leaf(start: number, token: Token): TreeNode {
    const end = this.reader.position;
    if (token.kind === 'extension') return { kind: 'array-value', type: token.type, start, end };
    return { kind: 'other', start, end };
  }
}
