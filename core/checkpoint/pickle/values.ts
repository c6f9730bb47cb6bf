/**
 * What a pickle describes, as data: nothing is imported, called or built. Integers, booleans and None are
 * JavaScript's own; everything else is a node that says where in the pickle it was made, `[start, stop)`,
 * so that a writer can make the same value again.
 */
export type PickleValue = null | boolean | number | bigint | PickleNode;

export type PickleNode =
  | PickleFloat
  | PickleString
  | PickleBytes
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleSet
  | PickleGlobal
  | PickleObject
  | PicklePersistent
  | PickleExtension
  | PickleBuffer;

export class PickleFloat {
  readonly value: number;
  readonly start: number;

  constructor(value: number, start: number) {
    this.value = value;
    this.start = start;
  }
}

/** Where the characters or bytes of a value lie in the pickle. */
export interface Payload {
  readonly offset: number;
  readonly nbytes: number;
}

export class PickleString {
  /** Null where it is longer than `INLINE_BYTES`: then it is only where its payload says. */
  readonly text: string | null;
  /** `escaped` is a line of protocol 0, `bytes` an 8-bit string of Python 2. */
  readonly encoding: 'utf8' | 'bytes' | 'escaped';
  readonly start: number;
  readonly offset: number;
  readonly nbytes: number;

  constructor(text: string | null, encoding: PickleString['encoding'], start: number, payload: Payload) {
    this.text = text;
    this.encoding = encoding;
    this.start = start;
    this.offset = payload.offset;
    this.nbytes = payload.nbytes;
  }
}

export class PickleBytes {
  /** Null where there are more than `INLINE_BYTES`. */
  readonly bytes: Uint8Array | null;
  /** Whether it is a `bytearray`. */
  readonly mutable: boolean;
  readonly start: number;
  readonly offset: number;
  readonly nbytes: number;

  constructor(bytes: Uint8Array | null, mutable: boolean, start: number, payload: Payload) {
    this.bytes = bytes;
    this.mutable = mutable;
    this.start = start;
    this.offset = payload.offset;
    this.nbytes = payload.nbytes;
  }
}

/** A value that holds others; `stop` moves on while opcodes add to it. */
abstract class Container {
  readonly start: number;
  stop: number;

  constructor(start: number, stop: number) {
    this.start = start;
    this.stop = stop;
  }
}

export class PickleTuple extends Container {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[], start: number, stop: number) {
    super(start, stop);
    this.items = items;
  }
}

export class PickleList extends Container {
  readonly items: PickleValue[] = [];
}

export class PickleDict extends Container {
  /** Keys and values in turn, as they were set: a key may come twice, and the last counts. */
  readonly pairs: PickleValue[] = [];
}

export class PickleSet extends Container {
  readonly items: PickleValue[];
  readonly frozen: boolean;

  constructor(items: PickleValue[], frozen: boolean, start: number, stop: number) {
    super(start, stop);
    this.items = items;
    this.frozen = frozen;
  }
}

/** A class or function by its qualified name. */
export class PickleGlobal extends Container {
  readonly module: string;
  readonly name: string;

  constructor(module: string, name: string, start: number, stop: number) {
    super(start, stop);
    this.module = module;
    this.name = name;
  }

  get qualifiedName(): string {
    return `${this.module}.${this.name}`;
  }
}

/** How Python would make the object: call `callable(*args)`, or `callable.__new__(callable, *args, **kwargs)`. */
export type Construction = 'reduce' | 'newobj' | 'newobj_ex' | 'inst';

export interface ObjectParts {
  readonly construction: Construction;
  readonly callable: PickleValue;
  readonly args: PickleValue;
  readonly kwargs?: PickleValue;
}

/** What a call would make. It was not made. */
export class PickleObject extends Container {
  readonly construction: Construction;
  readonly callable: PickleValue;
  readonly args: PickleValue;
  readonly kwargs: PickleValue;
  /** What BUILD would set, in order; null where nothing. */
  states: PickleValue[] | null = null;
  /** What APPEND and ADDITEMS would add. */
  items: PickleValue[] | null = null;
  /** What SETITEM would set: keys and values in turn. */
  pairs: PickleValue[] | null = null;

  constructor({ construction, callable, args, kwargs }: ObjectParts, start: number, stop: number) {
    super(start, stop);
    this.construction = construction;
    this.callable = callable;
    this.args = args;
    this.kwargs = kwargs ?? null;
  }

  /** `torch._utils._rebuild_tensor_v2`; undefined where what is called is no plain global. */
  get qualifiedName(): string | undefined {
    return this.callable instanceof PickleGlobal ? this.callable.qualifiedName : undefined;
  }
}

/** A value that lies outside the pickle: a storage. */
export class PicklePersistent extends Container {
  readonly id: PickleValue;

  constructor(id: PickleValue, start: number, stop: number) {
    super(start, stop);
    this.id = id;
  }
}

/** An entry of Python's extension registry (`copyreg`), which the file does not hold. */
export class PickleExtension {
  readonly code: number;
  readonly start: number;

  constructor(code: number, start: number) {
    this.code = code;
    this.start = start;
  }
}

/** An out-of-band buffer of protocol 5, which the file does not hold. */
export class PickleBuffer {
  readonly index: number;
  readonly readonly: boolean;
  readonly start: number;

  constructor(index: number, readonly: boolean, start: number) {
    this.index = index;
    this.readonly = readonly;
    this.start = start;
  }
}
