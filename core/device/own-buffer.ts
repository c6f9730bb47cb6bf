/** The ArrayBuffer that `bytes` fills, from now on nobody else's, or a copy. */
export function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = bytes;
  // Not `slice`: that of a Buffer is a view into a pool.
  if (!(buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)) return new Uint8Array(bytes).buffer;
  return structuredClone(buffer, { transfer: [buffer] });
}
