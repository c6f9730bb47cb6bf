import { mutateField, swapFields } from './numbers.mjs';

const V2 = 0xf993fac9;
const V3 = 0xf993faca;

/** Magic, counts, and the fields of each record: stype, shape, context, type, auxiliary arrays. */
export function mutateMxnet(bytes, random) {
  const fields = [0, 8, 16].map((at) => ({ at, size: 8 }));
  for (let at = 0; at + 4 <= bytes.length; at++) {
    const word = bytes.readUInt32LE(at);
    if (word !== V2 && word !== V3) continue;
    for (let i = 0; i < 15; i++) fields.push({ at: at + 4 * i, size: random.pick([4, 8]) });
  }
  for (let i = 0; i < 12; i++) fields.push({ at: bytes.length - 8 * (i + 1), size: 8 });
  const inside = fields.filter(({ at, size }) => at >= 0 && at + size <= bytes.length);
  return random.chance(0.15) ? swapFields(bytes, inside, random) : mutateField(bytes, inside, random);
}
