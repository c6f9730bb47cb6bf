import type { StoredBytes } from '../unpack/stored-bytes.ts';

/** The bytes of one storage in a file. */
export interface StorageRecord {
  readonly stored: StoredBytes;
  /** Whether multi-byte elements have their high byte first. */
  readonly bigEndian: boolean;
}

/** Where an archive or a legacy file keeps its storages. */
export interface StorageRecords {
  /** The record of a key; undefined where there is none. */
  find(key: string): StorageRecord | undefined;
}
