/** Jenkins' lookup3 (hashlittle), which guards the metadata of HDF5's newer structures (H5_checksum_metadata). */
export function metadataChecksum(bytes: Buffer): number {
  let a = (0xdeadbeef + bytes.length) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (let left = bytes.length; left > 12; left -= 12) {
    a = (a + bytes.readInt32LE(at)) | 0;
    b = (b + bytes.readInt32LE(at + 4)) | 0;
    c = (c + bytes.readInt32LE(at + 8)) | 0;
    [a, b, c] = mix(a, b, c);
    at += 12;
  }
  if (at === bytes.length) return c >>> 0;
  const tail = Buffer.alloc(12);
  bytes.copy(tail, 0, at);
  return finish((a + tail.readInt32LE(0)) | 0, (b + tail.readInt32LE(4)) | 0, (c + tail.readInt32LE(8)) | 0);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function mix(a0: number, b0: number, c0: number): [number, number, number] {
  let [a, b, c] = [a0, b0, c0];
  a = ((a - c) | 0) ^ rotate(c, 4);
  c = (c + b) | 0;
  b = ((b - a) | 0) ^ rotate(a, 6);
  a = (a + c) | 0;
  c = ((c - b) | 0) ^ rotate(b, 8);
  b = (b + a) | 0;
  a = ((a - c) | 0) ^ rotate(c, 16);
  c = (c + b) | 0;
  b = ((b - a) | 0) ^ rotate(a, 19);
  a = (a + c) | 0;
  c = ((c - b) | 0) ^ rotate(b, 4);
  b = (b + a) | 0;
  return [a, b, c];
}

function finish(a0: number, b0: number, c0: number): number {
  let [a, b, c] = [a0, b0, c0];
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}
