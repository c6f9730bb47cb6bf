import { crc32 } from 'node:zlib';

interface TensorSpec {
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly start?: number;
}

interface Member {
  readonly name: string;
  readonly content: Buffer;
}

/** A zip archive as `torch.save` writes it, of float32 tensors over storages. */
export class TorchFile {
  readonly #members: Member[] = [];
  readonly #sizes = new Map<string, number>();
  #items = '';
  #pickle: string | null = null;

  storage(key: string, bytes: Uint8Array): this {
    this.#members.push({ name: `archive/data/${key}`, content: Buffer.from(bytes) });
    this.#sizes.set(key, bytes.length / 4);
    return this;
  }

  /** A tensor of the root dict. */
  tensor(key: string | number, { size, stride, start = 0 }: TensorSpec, storage = '0'): this {
    const name = typeof key === 'string' ? text(key) : int(key);
    const count = this.#sizes.get(storage) ?? 0;
    const reference = `(${text('storage')}ctorch\nFloatStorage\n${text(storage)}${text('cpu')}${int(count)}tQ`;
    const hooks = 'ccollections\nOrderedDict\n)R';
    this.#items += `${name}ctorch._utils\n_rebuild_tensor_v2\n(${reference}${int(start)}${tuple(size)}${tuple(stride)}\x89${hooks}tR`;
    return this;
  }

  /** A value of the root dict, as opcodes. */
  value(key: string, opcodes: string): this {
    this.#items += text(key) + opcodes;
    return this;
  }

  /** All of `data.pkl`, in place of the root dict. */
  pickle(opcodes: string): this {
    this.#pickle = opcodes;
    return this;
  }

  member(name: string, content: string): this {
    this.#members.push({ name, content: Buffer.from(content) });
    return this;
  }

  bytes(): Buffer {
    const pickle = this.#pickle ?? `\x80\x02}(${this.#items}u.`;
    return zip([{ name: 'archive/data.pkl', content: Buffer.from(pickle, 'latin1') }, ...this.#members]);
  }
}

export function text(value: string): string {
  const bytes = Buffer.from(value, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return `X${length.toString('latin1')}${bytes.toString('latin1')}`;
}

/** Of any size, as a line of decimals. */
export function int(value: number): string {
  return `L${value}L\n`;
}

function tuple(values: readonly number[]): string {
  return `(${values.map(int).join('')}t`;
}

function zip(members: readonly Member[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of members) {
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(content.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), content]);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, place, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}
