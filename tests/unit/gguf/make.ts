/** GGUF files written by hand, field by field, in either order of bytes. */

type Scalar = 'uint8' | 'uint32' | 'uint64' | 'float32' | 'string';

const TYPE_NUMBER = { uint8: 0, uint32: 4, float32: 6, string: 8, array: 9, uint64: 10 } as const;

export interface MadeTensor {
  readonly name: string;
  readonly ne: readonly number[];
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Where the head says that it lies; by default where it does. */
  readonly offset?: number;
}

export interface MadeFile {
  readonly version?: number;
  readonly bigEndian?: boolean;
  readonly alignment?: number;
  readonly fields?: readonly (readonly [key: string, type: Scalar | 'strings', value: unknown])[];
  readonly tensors?: readonly MadeTensor[];
}

class Writer {
  readonly parts: Buffer[] = [];
  length = 0;
  readonly #big: boolean;

  constructor(big: boolean) {
    this.#big = big;
  }

  bytes(bytes: Uint8Array): void {
    this.parts.push(Buffer.from(bytes));
    this.length += bytes.length;
  }

  number(value: number, size: 1 | 4 | 8): void {
    const buffer = Buffer.alloc(size);
    if (size === 8) this.#big ? buffer.writeBigUInt64BE(BigInt(value)) : buffer.writeBigUInt64LE(BigInt(value));
    else if (this.#big) buffer.writeUIntBE(value, 0, size);
    else buffer.writeUIntLE(value, 0, size);
    this.bytes(buffer);
  }

  float(value: number): void {
    const buffer = Buffer.alloc(4);
    if (this.#big) buffer.writeFloatBE(value);
    else buffer.writeFloatLE(value);
    this.bytes(buffer);
  }

  string(text: string): void {
    const bytes = Buffer.from(text);
    this.number(bytes.length, 8);
    this.bytes(bytes);
  }

  pad(alignment: number): void {
    this.bytes(new Uint8Array((alignment - (this.length % alignment)) % alignment));
  }
}

function writeValue(writer: Writer, type: Scalar, value: unknown): void {
  if (type === 'string') writer.string(String(value));
  else if (type === 'float32') writer.float(Number(value));
  else writer.number(Number(value), type === 'uint8' ? 1 : type === 'uint32' ? 4 : 8);
}

export function ggufFile({
  version = 3,
  bigEndian = false,
  alignment = 32,
  fields = [],
  tensors = [],
}: MadeFile): Buffer {
  const writer = new Writer(bigEndian);
  writer.bytes(Buffer.from('GGUF'));
  writer.number(version, 4);
  writer.number(tensors.length, 8);
  writer.number(fields.length, 8);
  for (const [key, type, value] of fields) {
    writer.string(key);
    if (type === 'strings') {
      const strings = value as readonly string[];
      writer.number(TYPE_NUMBER.array, 4);
      writer.number(TYPE_NUMBER.string, 4);
      writer.number(strings.length, 8);
      for (const text of strings) writer.string(text);
      continue;
    }
    writer.number(TYPE_NUMBER[type], 4);
    writeValue(writer, type, value);
  }
  let offset = 0;
  for (const tensor of tensors) {
    writer.string(tensor.name);
    writer.number(tensor.ne.length, 4);
    for (const size of tensor.ne) writer.number(size, 8);
    writer.number(tensor.type, 4);
    writer.number(tensor.offset ?? offset, 8);
    offset += Math.ceil(tensor.bytes.length / alignment) * alignment;
  }
  writer.pad(alignment);
  for (const { bytes } of tensors) {
    writer.bytes(bytes);
    writer.pad(alignment);
  }
  return Buffer.concat(writer.parts);
}
