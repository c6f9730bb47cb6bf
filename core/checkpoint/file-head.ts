import { FileSource } from './byte-source.ts';

/** Enough to see the magic of every format and the `weight_map` behind an index's metadata. */
const HEAD = 64 * 1024;

/** The first bytes of a file. @throws FileAccessError where there is no readable file. */
export async function fileHead(path: string): Promise<Buffer> {
  return headOf(await FileSource.open(path));
}

/** The first bytes of a file that is open. */
export async function headOf(source: FileSource): Promise<Buffer> {
  return Buffer.from(await source.read(0, Math.min(source.size, HEAD)));
}
