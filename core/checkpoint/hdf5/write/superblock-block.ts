import { SIGNATURE } from '../signature.ts';
import type { SuperblockStyle } from '../superblock.ts';
import { FieldWriter } from './field-writer.ts';
import { withChecksum } from './header-block.ts';
import type { SymbolTable } from './symbol-table.ts';

/** What a superblock says of the file behind it. */
export interface SuperblockFields {
  /** Where the superblock stands in the file. */
  readonly base: number;
  /** Bytes from the superblock to the end. */
  readonly end: number;
  readonly root: number;
  /** The index of the root group, where it is of the old style. */
  readonly symbols: SymbolTable | null;
}

const WIDTHS = [8, 8] as const;
const CACHED_SYMBOLS = 1;

export function superblockBytes({ version }: SuperblockStyle): number {
  return version < 2 ? 96 + (version === 1 ? 4 : 0) : 48;
}

/** The superblock of the version that the file had (HDF5 File Format Specification, II.A). */
export function superblock(style: SuperblockStyle, { base, end, root, symbols }: SuperblockFields): Buffer {
  const { version, groupLeaf, groupInner, chunkInner } = style;
  const fields = new FieldWriter().raw(SIGNATURE).u8(version);
  // The end is a position in the file, unlike all else.
  if (version >= 2) {
    fields
      .u8(...WIDTHS, 0)
      .u64(base)
      .address(null)
      .u64(base + end)
      .u64(root);
    return withChecksum(fields);
  }
  fields
    .u8(0, 0, 0, 0, ...WIDTHS, 0)
    .u16(groupLeaf)
    .u16(groupInner)
    .u32(0);
  if (version === 1) fields.u16(chunkInner).u16(0);
  fields
    .u64(base)
    .address(null)
    .u64(base + end)
    .address(null);
  fields
    .u64(0)
    .u64(root)
    .u32(symbols ? CACHED_SYMBOLS : 0)
    .u32(0);
  return fields
    .u64(symbols?.tree ?? 0)
    .u64(symbols?.heap ?? 0)
    .bytes();
}
