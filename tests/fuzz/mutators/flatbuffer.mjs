import { mutateField, swapFields } from './numbers.mjs';

/** Offsets, vtables and lengths: every aligned word and half word of the tables, which lie before and behind the buffers. */
export function mutateFlatbuffer(bytes, random) {
  const size = random.pick([2, 4, 4, 4, 8]);
  const reach = Math.min(bytes.length, 2048);
  const behind = random.chance(0.4) ? bytes.length - reach : 0;
  const at = () => behind + Math.floor(random.below(reach - 8) / size) * size;
  const fields = Array.from({ length: 8 }, () => ({ at: at(), size }));
  return random.chance(0.2) ? swapFields(bytes, fields, random) : mutateField(bytes, fields, random);
}
