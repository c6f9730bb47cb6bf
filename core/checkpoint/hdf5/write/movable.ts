import { elementCount } from '../../../ndarray/shape.ts';
import type { Datatype } from '../datatype.ts';
import { heapObject } from '../element-values.ts';
import { Fields, type HdfBytes } from '../fields.ts';
import type { Movable } from './model.ts';

/** A list: how many elements, and where they are (an address, and an index there). */
const LIST_BYTES = 16;

/** Whether elements of a type hold addresses: lists and texts of any length, and references. */
export function holdsAddresses(type: Datatype): boolean {
  switch (type.kind) {
    case 'vlen':
    case 'reference':
      return true;
    case 'compound':
      return type.members.some((member) => holdsAddresses(member.type));
    case 'array':
    case 'enum':
    case 'complex':
      return holdsAddresses(type.base);
    default:
      return false;
  }
}

/** Whether elements of a type refer to objects. */
export function holdsReferences(type: Datatype): boolean {
  switch (type.kind) {
    case 'reference':
      return true;
    case 'compound':
      return type.members.some((member) => holdsReferences(member.type));
    case 'vlen':
    case 'array':
      return holdsReferences(type.base);
    default:
      return false;
  }
}

/** Why elements of a type cannot be moved to another place of a file, as the end of a sentence; null where they can. */
export function immovable(type: Datatype): string | null {
  switch (type.kind) {
    case 'reference':
      return type.to === 'any' ? 'holds references of a kind that came with HDF5 1.12' : null;
    case 'compound':
      return type.members.map((member) => immovable(member.type)).find((reason) => reason !== null) ?? null;
    case 'vlen':
    case 'array':
      return immovable(type.base);
    default:
      return null;
  }
}

/** `count` elements of a type with all that they lead to. */
export async function movableElements(
  file: HdfBytes,
  type: Datatype,
  { bytes, count }: { readonly bytes: Buffer; readonly count: number },
): Promise<Movable> {
  const found = new Found(file, bytes);
  if (holdsAddresses(type)) for (let i = 0; i < count; i++) await found.element(type, i * type.size);
  return found;
}

class Found implements Movable {
  readonly bytes: Buffer;
  readonly objects: { at: number; address: number }[] = [];
  readonly items: { at: number; item: Movable }[] = [];
  readonly #fields: Fields;

  constructor(file: HdfBytes, bytes: Buffer) {
    this.bytes = Buffer.from(bytes);
    this.#fields = new Fields(file, this.bytes, 0);
  }

  async element(type: Datatype, at: number): Promise<void> {
    switch (type.kind) {
      case 'vlen':
        return await this.#list(type, at);
      case 'reference':
        return type.to === 'region' ? await this.#region(at) : this.#object(at);
      case 'compound':
        for (const member of type.members) await this.element(member.type, at + member.offset);
        return;
      case 'array':
        if (!holdsAddresses(type.base)) return;
        for (let i = 0; i < elementCount(type.shape); i++) await this.element(type.base, at + i * type.base.size);
        return;
      default:
        return;
    }
  }

  #object(at: number): void {
    const address = this.#address(at);
    if (address !== null) this.objects.push({ at, address });
  }

  async #list({ base }: Extract<Datatype, { kind: 'vlen' }>, at: number): Promise<void> {
    this.#fields.at = at;
    const count = this.#fields.u32();
    const item = count > 0 ? await this.#item(at + 4) : null;
    if (!item) {
      this.bytes.fill(0, at, at + LIST_BYTES);
      return;
    }
    const part = { bytes: item, count: Math.min(count, Math.floor(item.length / Math.max(1, base.size))) };
    this.items.push({ at: at + 4, item: await movableElements(this.#fields.file, base, part) });
  }

  /** A dataset's address, and behind it which elements are meant. */
  async #region(at: number): Promise<void> {
    const item = await this.#item(at);
    if (!item) return;
    const address = item.length >= 8 ? Number(item.readBigUInt64LE(0)) : 0;
    this.items.push({ at, item: { bytes: item, objects: address === 0 ? [] : [{ at: 0, address }], items: [] } });
  }

  async #item(at: number): Promise<Buffer | null> {
    const address = this.#address(at);
    if (address === null) return null;
    const index = this.#fields.u32();
    return Buffer.from((await heapObject(this.#fields.file, address, index)).bytes);
  }

  /** Null for what refers to nothing. */
  #address(at: number): number | null {
    this.#fields.at = at;
    const address = this.#fields.addressOrNull();
    return address === 0 ? null : address;
  }
}
