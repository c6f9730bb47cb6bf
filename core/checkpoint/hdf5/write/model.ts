import type { Dataset } from '../dataset.ts';
import type { StoredLink } from '../links.ts';
import type { SuperblockStyle } from '../superblock.ts';

/** Bytes of a file that hold addresses of it, free of any place: the addresses are put in when all is laid out. */
export interface Movable {
  readonly bytes: Buffer;
  /** Where an address of an object stands, and which: by its address in the file that was read. */
  readonly objects: readonly { readonly at: number; readonly address: number }[];
  /** Where an object of the global heap is named (its collection and index), and that object. */
  readonly items: readonly { readonly at: number; readonly item: Movable }[];
}

export function unmoved(bytes: Buffer): Movable {
  return { bytes, objects: [], items: [] };
}

/** A message of an object header. */
export interface HdfMessage {
  readonly type: number;
  readonly flags: number;
  /** In which order attributes came, where the object keeps that. */
  readonly order: number | null;
  readonly content: Movable;
}

export interface HdfAttribute extends HdfMessage {
  readonly name: string;
}

/** What of an object header is no message. */
export interface HeaderStyle {
  readonly version: 1 | 2;
  readonly flags: number;
  readonly extras: Buffer;
}

/** What a name in a group stands for. */
export interface HdfLink {
  /** Null for a soft or external link. */
  readonly object: HdfObject | null;
  /** Of a soft link in a symbol table. */
  readonly soft: string | null;
  readonly stored: StoredLink | null;
}

/** Where a run of values comes from. */
export type DataRun = FileRun | { readonly kind: 'movable'; readonly content: Movable };

export type FileRun =
  /** An address of the file that was read. */
  | { readonly kind: 'copy'; readonly from: number; readonly nbytes: number }
  /** All values of the tensor that the caller knows by this number. */
  | { readonly kind: 'values'; readonly tensor: number; readonly nbytes: number }
  /** A run of the caller's own packed chunks. */
  | { readonly kind: 'packed'; readonly from: number; readonly nbytes: number };

export interface HdfChunk {
  /** The first element's index in the dataset, one number per axis. */
  readonly at: readonly number[];
  /** Bits of the filters that were left out. */
  readonly mask: number;
  readonly data: DataRun;
}

/** How the elements of a dataset are stored. */
export type HdfStorage =
  /** In the object header. */
  | { readonly kind: 'compact'; readonly content: Movable }
  /** Null: never written. */
  | { readonly kind: 'contiguous'; readonly nbytes: number; readonly data: DataRun | null }
  | {
      readonly kind: 'chunked';
      readonly chunk: readonly number[];
      readonly elementBytes: number;
      /** In the order of their places. */
      readonly chunks: readonly HdfChunk[];
    };

/** An object of an HDF5 file as a writer sees it: free of any place, and open to changes until it is laid out. */
export interface HdfObject {
  style: HeaderStyle;
  /** All that is no attribute, no link and no layout. */
  messages: HdfMessage[];
  attributes: HdfAttribute[];
  /** Null where the object is no group. */
  readonly group: { readonly links: Map<string, HdfLink>; readonly symbols: boolean } | null;
  /** Null where the object is no dataset. */
  storage: HdfStorage | null;
  /** A dataset as its messages describe it in the file that was read. */
  readonly described: Dataset | null;
}

/** An HDF5 file to be written. */
export interface HdfFile {
  readonly root: HdfObject;
  /** What addresses of the file that was read stand for; empty for a new file. */
  readonly objects: ReadonlyMap<number, HdfObject>;
  readonly superblock: SuperblockStyle;
}
