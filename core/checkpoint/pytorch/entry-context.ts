import type { StoredBytes } from '../unpack/stored-bytes.ts';
import type { StorageRecords } from './records.ts';

/** What entries are made from, beside the pickle. */
export interface EntryContext {
  /** For messages: the file's name. */
  readonly name: string;
  readonly records: StorageRecords;
  /** The pickle's own bytes: numpy's arrays lie in it. */
  readonly pickle: StoredBytes;
}
