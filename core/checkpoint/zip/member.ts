import { isUtf8 } from 'node:buffer';

/** One member of an archive, as the archive's directory has it and checked against the file. */
export interface ZipMember {
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  /** Of its unpacked bytes. */
  readonly crc32: number;
  /** Bytes in the archive. */
  readonly compressed: number;
  /** Unpacked. */
  readonly nbytes: number;
  /** Where its local header begins. */
  readonly header: number;
  /** Bytes of its name in the archive. */
  readonly nameLength: number;
  /** Where its record in the directory begins. */
  readonly central: number;
}

/** Bytes of a record of the directory before the name. */
export const CENTRAL_BYTES = 46;

/** Bytes of a local header before the name. */
export const LOCAL_BYTES = 30;

/** Names are UTF-8 or, from old tools, of some code page: those are shown byte by byte. */
export function memberName(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
