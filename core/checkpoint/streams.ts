import { type ByteStream, CHUNK_BYTES } from '../ndarray/array-file.ts';
import type { ByteSource } from './byte-source.ts';

/** Bytes of a source as a stream. */
export function rangeStream(source: ByteSource, offset: number, nbytes: number): ByteStream {
  return {
    nbytes,
    async *chunks() {
      for (let done = 0; done < nbytes; done += CHUNK_BYTES) {
        yield await source.read(offset + done, Math.min(CHUNK_BYTES, nbytes - done));
      }
    },
  };
}

const FIRST_PIECE = 128 * 1024;

/** Bytes of a source in pieces that begin small: whoever wants only what comes first reads little else. */
export async function* growingPieces(source: ByteSource, offset: number, nbytes: number): AsyncGenerator<Uint8Array> {
  let length = FIRST_PIECE;
  for (let done = 0; done < nbytes; done += length) {
    if (done > 0) length = Math.min(2 * length, CHUNK_BYTES);
    yield await source.read(offset + done, Math.min(length, nbytes - done));
  }
}

/** So many zero bytes, which are nowhere at once. */
export function zeroStream(nbytes: number): ByteStream {
  return {
    nbytes,
    async *chunks() {
      for (let done = 0; done < nbytes; done += CHUNK_BYTES) {
        yield new Uint8Array(Math.min(CHUNK_BYTES, nbytes - done));
      }
    },
  };
}

/** Each chunk through `change`, which may alter its length as a whole by `factor`. */
export function mapStream(stream: ByteStream, factor: number, change: (chunk: Uint8Array) => Uint8Array): ByteStream {
  return {
    nbytes: stream.nbytes * factor,
    async *chunks() {
      for await (const chunk of stream.chunks()) {
        const changed = change(chunk);
        for (let start = 0; start < changed.length; start += CHUNK_BYTES) {
          yield changed.subarray(start, start + CHUNK_BYTES);
        }
      }
    },
  };
}

/** int32 indices as int64. */
export function widenedIndices(stream: ByteStream): ByteStream {
  return mapStream(stream, 2, (chunk) => {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const wide = BigInt64Array.from({ length: chunk.length / 4 }, (_, i) => BigInt(view.getInt32(i * 4, true)));
    return new Uint8Array(wide.buffer);
  });
}

/** The last `nbytes` of pieces of any length, which must be that and `skipped` long, as pieces that cut no element. */
export function evenStream(nbytes: number, skipped: number, pieces: () => AsyncIterable<Uint8Array>): ByteStream {
  return {
    nbytes,
    async *chunks() {
      let chunk = new Uint8Array(Math.min(CHUNK_BYTES, nbytes));
      let filled = 0;
      let left = nbytes;
      let toSkip = skipped;
      for await (const piece of pieces()) {
        let at = Math.min(toSkip, piece.length);
        toSkip -= at;
        while (at < piece.length && left > 0) {
          const part = piece.subarray(at, at + chunk.length - filled);
          chunk.set(part, filled);
          filled += part.length;
          at += part.length;
          if (filled < chunk.length) continue;
          yield chunk;
          left -= filled;
          chunk = new Uint8Array(Math.min(CHUNK_BYTES, left));
          filled = 0;
        }
      }
    },
  };
}

/** All of a stream that is known to be small. */
export async function collect(stream: ByteStream): Promise<Uint8Array> {
  const bytes = new Uint8Array(stream.nbytes);
  let done = 0;
  for await (const chunk of stream.chunks()) {
    bytes.set(chunk, done);
    done += chunk.length;
  }
  return bytes;
}
