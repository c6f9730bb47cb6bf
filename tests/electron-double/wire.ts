/**
 * Structured-cloneable values as JSON: what crosses between the double's main process and its pages.
 * What Electron could not clone (functions, symbols) is refused here with Electron's own words.
 */
export interface Base64 {
  encode(bytes: Uint8Array): string;
  decode(text: string): Uint8Array<ArrayBuffer>;
}

type Tagged = readonly [tag: string, ...content: unknown[]];

const VIEWS = {
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
} as const;

const ERRORS: Readonly<Record<string, ErrorConstructor>> = { Error, TypeError, RangeError, SyntaxError, EvalError };

export class WireCodec {
  readonly #base64: Base64;

  constructor(base64: Base64) {
    this.#base64 = base64;
  }

  encode(value: unknown): string {
    return JSON.stringify(this.#pack(value, []));
  }

  decode(text: string): unknown {
    return this.#unpack(JSON.parse(text));
  }

  #pack(value: unknown, parents: readonly object[]): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'undefined':
        return ['undefined'];
      case 'bigint':
        return ['bigint', String(value)];
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : ['number', Object.is(value, -0) ? '-0' : `${value}`];
      case 'object':
        return value === null ? null : this.#packObject(value, parents);
      default:
        throw new Error('An object could not be cloned.');
    }
  }

  #packObject(value: object, parents: readonly object[]): unknown {
    if (parents.includes(value))
      throw new Error('The double of Electron does not carry values that contain themselves.');
    const inside = [...parents, value];
    const pack = (item: unknown): unknown => this.#pack(item, inside);
    if (Array.isArray(value)) return ['array', ...value.map(pack)];
    if (value instanceof ArrayBuffer) return ['buffer', this.#base64.encode(new Uint8Array(value))];
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return ['view', viewName(value), this.#base64.encode(bytes)];
    }
    if (value instanceof Date) return ['date', value.getTime()];
    if (value instanceof Map) return ['map', ...[...value].map(([key, item]) => [pack(key), pack(item)])];
    if (value instanceof Set) return ['set', ...[...value].map(pack)];
    if (value instanceof RegExp) return ['regexp', value.source, value.flags];
    if (value instanceof Error) return ['error', value.name, value.message];
    const entries = Object.entries(value).map(([key, item]) => [key, pack(item)] as const);
    return Object.fromEntries(entries);
  }

  #unpack(packed: unknown): unknown {
    if (Array.isArray(packed)) return this.#unpackTagged(packed as unknown as Tagged);
    if (typeof packed !== 'object' || packed === null) return packed;
    return Object.fromEntries(Object.entries(packed).map(([key, item]) => [key, this.#unpack(item)]));
  }

  #unpackTagged([tag, ...content]: Tagged): unknown {
    const [first, second] = content;
    switch (tag) {
      case 'undefined':
        return undefined;
      case 'bigint':
        return BigInt(String(first));
      case 'number':
        return Number(first);
      case 'array':
        return content.map((item) => this.#unpack(item));
      case 'buffer':
        return this.#base64.decode(String(first)).buffer;
      case 'view':
        return viewOf(String(first), this.#base64.decode(String(second)));
      case 'date':
        return new Date(Number(first));
      case 'map':
        return new Map(
          (content as [unknown, unknown][]).map(([key, item]) => [this.#unpack(key), this.#unpack(item)] as const),
        );
      case 'set':
        return new Set(content.map((item) => this.#unpack(item)));
      case 'regexp':
        return new RegExp(String(first), String(second));
      case 'error':
        return new (ERRORS[String(first)] ?? Error)(String(second));
      default:
        throw new Error(`The double of Electron does not know the wire tag ${tag}.`);
    }
  }
}

/** Node's Buffer arrives as the Uint8Array that it is, as over Electron's IPC. */
function viewName(view: ArrayBufferView): string {
  const known = Object.entries(VIEWS).find(([, type]) => view instanceof type);
  if (!known) throw new Error('An object could not be cloned.');
  return known[0];
}

function viewOf(name: string, bytes: Uint8Array<ArrayBuffer>): ArrayBufferView {
  const type = VIEWS[name as keyof typeof VIEWS] as new (buffer: ArrayBuffer) => ArrayBufferView;
  return new type(bytes.buffer);
}
