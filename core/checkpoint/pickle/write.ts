import { OP } from './opcodes.ts';
import { PickleOutput, type PicklePiece } from './output.ts';
import { sharedNodes } from './shared-nodes.ts';
import {
  PickleBuffer,
  PickleBytes,
  PickleDict,
  PickleExtension,
  PickleFloat,
  PickleGlobal,
  PickleList,
  type PickleNode,
  PickleObject,
  PicklePersistent,
  PickleSet,
  PickleString,
  PickleTuple,
  type PickleValue,
} from './values.ts';
import { writeBytes, writeInteger, writeString } from './write-atoms.ts';

/** As Python's own pickler groups items. */
const BATCH = 1000;

/**
 * A pickle of a value that was parsed, perhaps changed since: what another program loads from it is the
 * same, object for object. Values that are used more than once are memoized; strings and bytes that were
 * too long to be read are copied from the pickle that they come from. No recursion, whatever the depth.
 */
export function writePickle(root: PickleValue, protocol: number): readonly PicklePiece[] {
  const writer = new PickleWriter(Math.max(protocol, 2), sharedNodes(root));
  return writer.write(root);
}

/** Writes opcodes up to the next value that it holds, which it yields. */
type Steps = Generator<PickleValue, void, undefined>;

class PickleWriter {
  readonly #out = new PickleOutput();
  readonly #protocol: number;
  readonly #shared: ReadonlySet<PickleNode>;
  readonly #memo = new Map<PickleNode, number>();

  constructor(protocol: number, shared: ReadonlySet<PickleNode>) {
    this.#protocol = protocol;
    this.#shared = shared;
  }

  write(root: PickleValue): readonly PicklePiece[] {
    this.#out.byte(OP.PROTO);
    this.#out.byte(this.#protocol);
    const open: Steps[] = [this.#value(root)];
    for (let top = open.at(-1); top; top = open.at(-1)) {
      const { value, done } = top.next();
      if (done) open.pop();
      else open.push(this.#value(value));
    }
    this.#out.byte(OP.STOP);
    return this.#out.finish();
  }

  *#value(value: PickleValue): Steps {
    const out = this.#out;
    if (value === null) out.byte(OP.NONE);
    else if (typeof value === 'boolean') out.byte(value ? OP.NEWTRUE : OP.NEWFALSE);
    else if (typeof value !== 'object') writeInteger(out, value);
    else if (this.#memo.has(value)) this.#recall(value);
    else yield* this.#node(value);
  }

  *#node(node: PickleNode): Steps {
    const out = this.#out;
    if (node instanceof PickleFloat) {
      out.byte(OP.BINFLOAT);
      out.float64BE(node.value);
    } else if (node instanceof PickleString) writeString(out, node, this.#protocol);
    else if (node instanceof PickleBytes) writeBytes(out, node);
    else if (node instanceof PickleExtension) this.#extension(node.code);
    else if (node instanceof PickleBuffer) {
      out.byte(OP.NEXT_BUFFER);
      if (node.readonly) out.byte(OP.READONLY_BUFFER);
    } else if (node instanceof PickleGlobal) this.#global(node);
    else return yield* this.#container(node);
    this.#memoize(node);
  }

  *#container(node: PickleTuple | PickleList | PickleDict | PickleSet | PickleObject | PicklePersistent): Steps {
    const out = this.#out;
    if (node instanceof PickleList) {
      out.byte(OP.EMPTY_LIST);
      this.#memoize(node);
      yield* this.#batches(node.items, OP.APPENDS);
    } else if (node instanceof PickleDict) {
      out.byte(OP.EMPTY_DICT);
      this.#memoize(node);
      yield* this.#batches(node.pairs, OP.SETITEMS);
    } else if (node instanceof PickleSet && !node.frozen) {
      out.byte(OP.EMPTY_SET);
      this.#memoize(node);
      yield* this.#batches(node.items, OP.ADDITEMS);
    } else if (node instanceof PicklePersistent) {
      yield node.id;
      out.byte(OP.BINPERSID);
      this.#memoize(node);
    } else if (node instanceof PickleObject) yield* this.#object(node);
    else yield* this.#fixed(node);
  }

  /** A tuple or frozenset, which may hold itself by way of a list: then it was made on the way. */
  *#fixed(node: PickleTuple | PickleSet): Steps {
    const out = this.#out;
    const short = node instanceof PickleTuple && node.items.length <= 3;
    if (!short) out.byte(OP.MARK);
    for (const item of node.items) yield item;
    if (this.#memo.has(node)) {
      if (!short) out.byte(OP.POP_MARK);
      return this.#dropInFavour(node, short ? node.items.length : 0);
    }
    if (node instanceof PickleSet) out.byte(OP.FROZENSET);
    else out.byte(TUPLES[node.items.length] ?? OP.TUPLE);
    this.#memoize(node);
  }

  *#object(node: PickleObject): Steps {
    const out = this.#out;
    if (node.construction === 'inst') {
      out.byte(OP.MARK);
      yield node.callable;
      if (node.args instanceof PickleTuple) yield* node.args.items;
      out.byte(OP.OBJ);
    } else {
      yield node.callable;
      yield node.args;
      if (node.construction === 'newobj_ex') yield node.kwargs;
      if (this.#memo.has(node)) return this.#dropInFavour(node, node.construction === 'newobj_ex' ? 3 : 2);
      out.byte(CONSTRUCTIONS[node.construction]);
    }
    this.#memoize(node);
    yield* this.#batches(node.items ?? [], OP.APPENDS);
    yield* this.#batches(node.pairs ?? [], OP.SETITEMS);
    for (const state of node.states ?? []) {
      yield state;
      out.byte(OP.BUILD);
    }
  }

  /** Its parts lie on the stack, but one of them has made it already. */
  #dropInFavour(node: PickleNode, parts: number): void {
    for (let part = 0; part < parts; part++) this.#out.byte(OP.POP);
    this.#recall(node);
  }

  *#batches(items: readonly PickleValue[], opcode: number): Steps {
    const size = opcode === OP.SETITEMS ? 2 * BATCH : BATCH;
    for (let start = 0; start < items.length; start += size) {
      this.#out.byte(OP.MARK);
      for (let at = start; at < Math.min(start + size, items.length); at++) yield items[at] ?? null;
      this.#out.byte(opcode);
    }
  }

  #global({ module, name }: PickleGlobal): void {
    this.#out.byte(OP.GLOBAL);
    this.#out.bytes(Buffer.from(`${module}\n${name}\n`));
  }

  #extension(code: number): void {
    const out = this.#out;
    if (code >= 0 && code < 0x100) {
      out.byte(OP.EXT1);
      out.byte(code);
    } else {
      out.byte(OP.EXT4);
      out.int32(code);
    }
  }

  #memoize(node: PickleNode): void {
    if (!this.#shared.has(node) && !mayHoldItself(node)) return;
    const index = this.#memo.size;
    this.#memo.set(node, index);
    this.#indexed(index, OP.BINPUT, OP.LONG_BINPUT);
  }

  #recall(node: PickleNode): void {
    this.#indexed(this.#memo.get(node) ?? 0, OP.BINGET, OP.LONG_BINGET);
  }

  #indexed(index: number, short: number, long: number): void {
    if (index < 0x100) {
      this.#out.byte(short);
      this.#out.byte(index);
    } else {
      this.#out.byte(long);
      this.#out.uint32(index);
    }
  }
}

/** What can be changed after it was made may come to hold itself: then it must be known before its items are. */
function mayHoldItself(node: PickleNode): boolean {
  return (
    node instanceof PickleList ||
    node instanceof PickleDict ||
    node instanceof PickleObject ||
    (node instanceof PickleSet && !node.frozen)
  );
}

const TUPLES = [OP.EMPTY_TUPLE, OP.TUPLE1, OP.TUPLE2, OP.TUPLE3] as const;
const CONSTRUCTIONS = { reduce: OP.REDUCE, newobj: OP.NEWOBJ, newobj_ex: OP.NEWOBJ_EX } as const;
