import { dtypeInfo } from '../../ndarray/dtype.ts';
import type { UnpackJob } from '../unpack/decoder.ts';
import { decodeStrided } from '../unpack/strided-decoder.ts';
import { borrowedJob } from './borrowed-job.ts';

/** Values that torch keeps conjugated or negated by a bit of the tensor: stored are those without. */
export async function decodeSigns(job: UnpackJob): Promise<void> {
  const { conjugated, negated } = job.parameters;
  const { kind, bits } = dtypeInfo(job.dtype);
  const complex = kind === 'complex';
  const width = complex ? bits / 16 : bits / 8;
  // Of a complex number the imaginary part comes second.
  const real = negated === true;
  const imaginary = negated === true ? conjugated !== true : conjugated === true;
  const write = (bytes: Uint8Array, position: number): void => {
    const flipped = bytes.slice();
    if (kind === 'int' || kind === 'uint') negate(flipped, width);
    else {
      for (let at = width - 1; at < flipped.length; at += width) {
        const second = complex && ((at + 1) / width) % 2 === 0;
        if (second ? imaginary : real) flipped[at] = (flipped[at] ?? 0) ^ 0x80;
      }
    }
    job.write(flipped, position);
  };
  await decodeStrided(borrowedJob(job, { write }));
}

/** Two's complement, element by element. */
function negate(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) {
    let carry = 1;
    for (let at = start; at < start + width; at++) {
      const sum = (~(bytes[at] ?? 0) & 0xff) + carry;
      bytes[at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
