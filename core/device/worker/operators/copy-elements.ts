import type { BigInts, Numbers } from '../device-array.ts';

/** Copies one element, bit for bit, between arrays of one type. */
export function elementCopier(
  source: Numbers | BigInts,
  target: Numbers | BigInts,
): (from: number, to: number) => void {
  if (source instanceof Float64Array && target instanceof Float64Array) return copier(source, target);
  if (source.BYTES_PER_ELEMENT === 1) return copier(viewAs(Uint8Array, source), viewAs(Uint8Array, target));
  // As integers, so that NaN payloads pass.
  if (source.BYTES_PER_ELEMENT === 4) return copier(viewAs(Uint32Array, source), viewAs(Uint32Array, target));
  const [read, write] = [viewAs(BigUint64Array, source), viewAs(BigUint64Array, target)];
  return (from, to) => {
    write[to] = read[from] ?? 0n;
  };
}

function copier<T extends Uint8Array | Uint32Array | Float64Array>(
  read: T,
  write: T,
): (from: number, to: number) => void {
  return (from, to) => {
    write[to] = read[from] ?? 0;
  };
}

function viewAs<T>(
  View: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => T,
  { buffer, byteOffset, length }: Numbers | BigInts,
): T {
  return new View(buffer, byteOffset, length);
}
