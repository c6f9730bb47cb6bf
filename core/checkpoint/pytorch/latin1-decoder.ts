import { CheckpointFormatError, OutOfMemoryError } from '../../errors.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { storedOf } from '../unpack/parameters.ts';
import { decodeStrided } from '../unpack/strided-decoder.ts';
import { borrowedJob } from './borrowed-job.ts';

/** An array in Fortran order is held whole. */
const MAX_HELD = 1024 * 1024 * 1024;

/** Bytes that protocols 0 to 2 write as text: one character of UTF-8 for each (`_codecs.encode(…, 'latin1')`). */
export async function decodeLatin1(job: UnpackJob): Promise<void> {
  const stored = storedOf(job.parameters.stored);
  const pieces = (): AsyncIterable<Uint8Array> => latin1Pieces(job.pieces(stored), job.nbytes);
  const bytes = async () => {
    if (job.nbytes > MAX_HELD) {
      throw new OutOfMemoryError(`An array of ${job.nbytes} bytes, stored as text in Fortran order, is too large.`);
    }
    const all = new Uint8Array(job.nbytes);
    let done = 0;
    for await (const piece of pieces()) {
      all.set(piece, done);
      done += piece.length;
    }
    return {
      nbytes: all.length,
      read: (start: number, target: Uint8Array) => target.set(all.subarray(start, start + target.length)),
    };
  };
  await decodeStrided(borrowedJob(job, { pieces, bytes }));
}

async function* latin1Pieces(texts: AsyncIterable<Uint8Array>, nbytes: number): AsyncGenerator<Uint8Array> {
  let lead = 0;
  let done = 0;
  // Elements must not be cut: what is left over of one piece begins the next.
  let rest = new Uint8Array(0);
  for await (const text of texts) {
    const out = new Uint8Array(rest.length + text.length);
    out.set(rest);
    let length = rest.length;
    for (const byte of text) {
      if (lead !== 0) {
        if ((byte & 0xc0) !== 0x80) throw malformedText();
        out[length++] = ((lead & 0x03) << 6) | (byte & 0x3f);
        lead = 0;
      } else if (byte < 0x80) out[length++] = byte;
      else if (byte === 0xc2 || byte === 0xc3) lead = byte;
      else throw malformedText();
    }
    const whole = length - (length % 16);
    rest = out.slice(whole, length);
    done += whole;
    if (done > nbytes) throw malformedText();
    yield out.subarray(0, whole);
  }
  if (lead !== 0 || done + rest.length !== nbytes) throw malformedText();
  yield rest;
}

function malformedText(): CheckpointFormatError {
  return new CheckpointFormatError('The text that holds the bytes of an array is malformed or of the wrong length.');
}
