import type { Fields } from './fields.ts';

/** Types within types: a table of tables has two or three levels. */
const MAX_DEPTH = 32;
const MAX_RANK = 64;

export interface Member {
  readonly name: string;
  /** Bytes from the start of the record. */
  readonly offset: number;
  readonly type: Datatype;
}

export interface FloatLayout {
  readonly bitOffset: number;
  readonly precision: number;
  readonly exponentAt: number;
  readonly exponentBits: number;
  readonly mantissaAt: number;
  readonly mantissaBits: number;
  readonly bias: number;
}

/** An element type as the file describes it (HDF5 File Format Specification, IV.A.2.d). */
export type Datatype = { readonly size: number } & (
  | { readonly kind: 'integer'; readonly bigEndian: boolean; readonly signed: boolean; readonly whole: boolean }
  | { readonly kind: 'float'; readonly bigEndian: boolean; readonly layout: FloatLayout }
  | { readonly kind: 'string'; readonly padding: number; readonly utf8: boolean }
  | { readonly kind: 'opaque'; readonly tag: string }
  | { readonly kind: 'compound'; readonly members: readonly Member[] }
  | { readonly kind: 'enum'; readonly base: Datatype; readonly names: readonly string[]; readonly values: Buffer }
  | { readonly kind: 'vlen'; readonly text: boolean; readonly base: Datatype }
  | { readonly kind: 'array'; readonly shape: readonly number[]; readonly base: Datatype }
  | { readonly kind: 'complex'; readonly base: Datatype }
  /** To an object, to a part of a dataset, or of the kind that came with HDF5 1.12. */
  | { readonly kind: 'reference'; readonly to: 'object' | 'region' | 'any' }
  | { readonly kind: 'other'; readonly name: string }
);

/** @throws CheckpointFormatError */
export function readDatatype(fields: Fields, depth = 0): Datatype {
  if (depth > MAX_DEPTH) return fields.fail(`types are nested more than ${MAX_DEPTH} deep`);
  const mark = fields.u8();
  const bits = fields.uint(3);
  const size = fields.u32();
  const head = { fields, bits, size, version: mark >> 4, depth };
  switch (mark & 0x0f) {
    case 0:
    case 4:
      return readInteger(head, (mark & 0x0f) === 0 && (bits & 8) !== 0);
    case 1:
      return readFloat(head);
    case 2:
      fields.skip(2);
      return { kind: 'other', name: 'time', size };
    case 3:
      return { kind: 'string', size, padding: bits & 0x0f, utf8: ((bits >> 4) & 0x0f) === 1 };
    case 5:
      return {
        kind: 'opaque',
        size,
        tag: fields
          .take(bits & 0xff)
          .toString('latin1')
          .replace(/\0.*$/s, ''),
      };
    case 6:
      return readCompound(head);
    case 7:
      return { kind: 'reference', size, to: (['object', 'region'] as const)[bits & 0x0f] ?? 'any' };
    case 8:
      return readEnum(head);
    case 9:
      return { kind: 'vlen', size, text: (bits & 0x0f) === 1, base: readDatatype(fields, depth + 1) };
    case 10:
      return readArray(head);
    case 11:
      return { kind: 'complex', size, base: readDatatype(fields, depth + 1) };
    default:
      return fields.fail(`a type is of class ${mark & 0x0f}, which HDF5 does not have`);
  }
}

interface Head {
  readonly fields: Fields;
  /** The 24 bits of the class. */
  readonly bits: number;
  readonly size: number;
  readonly version: number;
  readonly depth: number;
}

function readInteger({ fields, bits, size }: Head, signed: boolean): Datatype {
  const bitOffset = fields.u16();
  const precision = fields.u16();
  return {
    kind: 'integer',
    size,
    bigEndian: (bits & 1) !== 0,
    signed,
    whole: bitOffset === 0 && precision === 8 * size,
  };
}

function readFloat({ fields, bits, size }: Head): Datatype {
  const layout = {
    bitOffset: fields.u16(),
    precision: fields.u16(),
    exponentAt: fields.u8(),
    exponentBits: fields.u8(),
    mantissaAt: fields.u8(),
    mantissaBits: fields.u8(),
    bias: fields.u32(),
  };
  // Bit 6 with bit 0 is the VAX order, which nobody has any more.
  if (bits & 0x40) return { kind: 'other', name: 'VAX float', size };
  return { kind: 'float', size, bigEndian: (bits & 1) !== 0, layout };
}

function readCompound({ fields, bits, size, version, depth }: Head): Datatype {
  const members: Member[] = [];
  for (let i = 0; i < (bits & 0xffff); i++) {
    const name = readName(fields, version, 'the name of a field');
    const offset = version < 3 ? fields.u32() : fields.uint(offsetWidth(size));
    const shape = version === 1 ? readOldDimensions(fields) : [];
    const base = readDatatype(fields, depth + 1);
    const count = shape.reduce((product, length) => product * length, 1);
    const type: Datatype = shape.length > 0 ? { kind: 'array', size: base.size * count, shape, base } : base;
    if (offset + type.size > size) fields.fail(`field ${JSON.stringify(name)} leaves its record of ${size} bytes`);
    members.push({ name, offset, type });
  }
  return { kind: 'compound', size, members };
}

/** Version 1 gives every field up to 4 dimensions: rank, 3 reserved bytes, permutation, reserved, sizes. */
function readOldDimensions(fields: Fields): number[] {
  const rank = fields.u8();
  fields.skip(3 + 4 + 4);
  const sizes = [fields.u32(), fields.u32(), fields.u32(), fields.u32()];
  return sizes.slice(0, Math.min(rank, 4));
}

/** Versions 1 and 2 pad names to multiples of 8 bytes, their NUL included. */
function readName(fields: Fields, version: number, what: string): string {
  const start = fields.at;
  const name = fields.text(what);
  if (version < 3) fields.skip((8 - ((fields.at - start) % 8)) % 8);
  return name;
}

function offsetWidth(size: number): number {
  return size < 2 ** 8 ? 1 : size < 2 ** 16 ? 2 : size < 2 ** 24 ? 3 : 4;
}

function readEnum({ fields, bits, size, version, depth }: Head): Datatype {
  const base = readDatatype(fields, depth + 1);
  const names: string[] = [];
  for (let i = 0; i < (bits & 0xffff); i++) names.push(readName(fields, version, 'a name of an enumeration'));
  return { kind: 'enum', size, base, names, values: Buffer.from(fields.take(names.length * base.size)) };
}

function readArray({ fields, size, version, depth }: Head): Datatype {
  const rank = fields.u8();
  if (rank > MAX_RANK) fields.fail(`an array type has ${rank} dimensions; ${MAX_RANK} are read`);
  if (version < 3) fields.skip(3);
  const shape = Array.from({ length: rank }, () => fields.u32());
  if (version < 3) fields.skip(4 * rank);
  return { kind: 'array', size, shape, base: readDatatype(fields, depth + 1) };
}
