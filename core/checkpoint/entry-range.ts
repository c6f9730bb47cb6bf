import { InvalidArgumentError } from '../errors.ts';
import { MAX_READ } from './byte-source.ts';
import type { ByteRange, Entry } from './checkpoint.ts';

/**
 * Where in its file a range of an entry lies.
 *
 * @throws InvalidArgumentError where the range leaves the entry or is more than one read may give.
 */
export function entryRange(entry: Entry, range?: ByteRange): { start: number; nbytes: number } {
  const { start, stop } = range ?? { start: 0, stop: entry.nbytes };
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(stop) || start < 0 || stop < start || stop > entry.nbytes) {
    throw new InvalidArgumentError(
      `Bytes ${start} to ${stop} of tensor ${JSON.stringify(entry.name)} were asked for; it has ${entry.nbytes}.`,
    );
  }
  if (stop - start > MAX_READ) {
    throw new InvalidArgumentError(
      `${stop - start} bytes of tensor ${JSON.stringify(entry.name)} were asked for at once: ` +
        `read it in ranges of at most ${MAX_READ}.`,
    );
  }
  return { start: entry.offset + start, nbytes: stop - start };
}
