function tableOf(polynomial) {
  return Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? polynomial ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
}

const IEEE = tableOf(0xedb88320);
const CASTAGNOLI = tableOf(0x82f63b78);

function crc(table, bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** As zip archives use it. node:zlib has it only from 20.15 on. */
export function crc32(bytes) {
  return crc(IEEE, bytes);
}

/** As LevelDB's tables store it: rotated, and away from zero. */
export function maskedCrc32c(bytes) {
  const sum = crc(CASTAGNOLI, bytes);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}
