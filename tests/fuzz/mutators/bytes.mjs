import { mutateField } from './numbers.mjs';

const KINDS = ['flip', 'set', 'cut', 'insert', 'remove', 'repeat', 'number', 'splice', 'zero'];

/** What disks, networks and people do to a file of any kind. `other` is a file to take a piece from. */
export function mutateBytes(bytes, random, other = bytes) {
  if (bytes.length === 0) return Buffer.from([random.below(256)]);
  const at = place(bytes, random);
  const length = Math.min(bytes.length - at, 1 + random.below(random.chance(0.8) ? 8 : 512));
  switch (random.pick(KINDS)) {
    case 'flip':
      return changed(bytes, at, bytes[at] ^ (1 << random.below(8)));
    case 'set':
      return changed(bytes, at, random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]));
    case 'cut':
      return bytes.subarray(0, at);
    case 'insert':
      return joined(bytes.subarray(0, at), noise(random, length), bytes.subarray(at));
    case 'remove':
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case 'repeat':
      return joined(bytes.subarray(0, at + length), bytes.subarray(at));
    case 'number':
      return mutateField(bytes, [{ at, size: random.pick([1, 2, 4, 8]), big: random.chance(0.2) }], random);
    case 'splice':
      return joined(bytes.subarray(0, at), other.subarray(random.below(other.length)));
    default:
      return joined(bytes.subarray(0, at), Buffer.alloc(length), bytes.subarray(at + length));
  }
}

/** Beginnings and ends are where structure lies. */
function place(bytes, random) {
  const reach = Math.min(bytes.length, random.pick([64, 512, 4096, bytes.length]));
  const at = random.below(reach);
  return random.chance(0.25) ? bytes.length - 1 - at : at;
}

function changed(bytes, at, value) {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}

function noise(random, length) {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

function joined(...parts) {
  return Buffer.concat(parts);
}
