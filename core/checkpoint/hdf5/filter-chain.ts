import { deflateSync, inflateSync } from 'node:zlib';
import type { Filter } from './dataset-messages.ts';
import { unpackLzf } from './lzf.ts';

/** What was done to a chunk when it was written, taken back. */
export interface ChunkFilters {
  readonly filters: readonly Filter[];
  /** Bytes of a chunk before any filter. */
  readonly chunkBytes: number;
}

/** Filters may add a checksum or a head to what others gave. */
const SLACK = 1024;

const FLETCHER_BYTES = 4;

/** Says which filter cannot be taken back; null where all can. */
export function unreadableFilter(filters: readonly Filter[]): string | null {
  return filters.find(({ id }) => ![1, 2, 3, 32000].includes(id))?.name ?? null;
}

/**
 * The bytes of a chunk as they were before its filters (HDF5 File Format Specification, IV.A.2.l).
 *
 * @throws Error with a reason where they cannot be had; the caller knows the place.
 */
export function unfilter(stored: Buffer, mask: number, { filters, chunkBytes }: ChunkFilters): Buffer {
  let bytes = stored;
  for (let i = filters.length - 1; i >= 0; i--) {
    const filter = filters[i];
    if (filter && ((mask >>> i) & 1) === 0) bytes = takeBack(filter, bytes, chunkBytes + SLACK);
  }
  if (bytes.length !== chunkBytes) throw new Error(`it unpacks to ${bytes.length} bytes, not to ${chunkBytes}`);
  return bytes;
}

/** A chunk as it is stored, and the bits of the filters that were left out of it. */
export interface FilteredChunk {
  readonly bytes: Buffer;
  readonly mask: number;
}

/** Does to a chunk what its filters ask for; LZF, which is not written here, is left out, as the format allows. */
export function filtered(chunk: Buffer, filters: readonly Filter[]): FilteredChunk {
  let bytes = chunk;
  let mask = 0;
  for (const [i, filter] of filters.entries()) {
    const next = applied(filter, bytes);
    if (next) bytes = next;
    else mask |= 1 << i;
  }
  return { bytes, mask: mask >>> 0 };
}

/** Null for a filter that is only taken back. */
function applied({ id, parameters }: Filter, bytes: Buffer): Buffer | null {
  switch (id) {
    case 1:
      return deflateSync(bytes, { level: Math.min(parameters[0] ?? 6, 9) });
    case 2:
      return shuffle(bytes, parameters[0] ?? 1);
    case 3: {
      const checksum = Buffer.alloc(FLETCHER_BYTES);
      checksum.writeUInt32LE(fletcher32(bytes));
      return Buffer.concat([bytes, checksum]);
    }
    default:
      return null;
  }
}

function shuffle(bytes: Buffer, width: number): Buffer {
  const count = Math.floor(bytes.length / Math.max(1, width));
  if (width <= 1 || count <= 1) return bytes;
  const result = Buffer.allocUnsafeSlow(bytes.length);
  for (let byte = 0; byte < width; byte++) {
    const to = byte * count;
    for (let i = 0; i < count; i++) result[to + i] = bytes[i * width + byte] ?? 0;
  }
  bytes.copy(result, count * width, count * width);
  return result;
}

function takeBack({ id, name, parameters }: Filter, bytes: Buffer, limit: number): Buffer {
  switch (id) {
    case 1:
      return inflateSync(bytes, { maxOutputLength: limit });
    case 2:
      return unshuffle(bytes, parameters[0] ?? 1);
    case 3:
      return withoutChecksum(bytes);
    case 32000:
      return unpackLzf(bytes, Math.min(parameters[2] ?? limit, limit));
    default:
      throw new Error(`it is packed by ${name}, which this version does not unpack`);
  }
}

/** Shuffled: first bytes of all elements, second bytes, …; what does not make an element stays at the end. */
function unshuffle(bytes: Buffer, width: number): Buffer {
  const count = Math.floor(bytes.length / Math.max(1, width));
  if (width <= 1 || count <= 1) return bytes;
  const result = Buffer.allocUnsafeSlow(bytes.length);
  for (let byte = 0; byte < width; byte++) {
    const from = byte * count;
    for (let i = 0; i < count; i++) result[i * width + byte] = bytes[from + i] ?? 0;
  }
  bytes.copy(result, count * width, count * width);
  return result;
}

function withoutChecksum(bytes: Buffer): Buffer {
  if (bytes.length < FLETCHER_BYTES) throw new Error('its checksum is missing');
  const end = bytes.length - FLETCHER_BYTES;
  const data = bytes.subarray(0, end);
  const stored = bytes.readUInt32LE(end);
  const sum = fletcher32(data);
  // Some versions of the library wrote the bytes of each half the other way round.
  const swapped = (((sum & 0x00ff00ff) << 8) | ((sum >>> 8) & 0x00ff00ff)) >>> 0;
  if (stored !== sum && stored !== swapped) throw new Error('its checksum (Fletcher-32) is wrong');
  return data;
}

/** Over 16-bit words, high byte first (H5_checksum_fletcher32). */
function fletcher32(bytes: Buffer): number {
  let low = 0;
  let high = 0;
  for (let at = 0; at < bytes.length; ) {
    // As many words as 32 bits can sum without overflow.
    const stop = Math.min(bytes.length, at + 720);
    for (; at < stop; at += 2) {
      low += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      high += low;
    }
    low = (low & 0xffff) + (low >>> 16);
    high = (high & 0xffff) + (high >>> 16);
  }
  low = (low & 0xffff) + (low >>> 16);
  high = (high & 0xffff) + (high >>> 16);
  return ((high << 16) | low) >>> 0;
}
