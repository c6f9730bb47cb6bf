import type { FormatReader } from '../format.ts';

export const flaxFormat: FormatReader = {
  format: 'flax-msgpack',
  label: 'Flax checkpoints',
  extensions: ['.msgpack'],
  recognizes: beginsAsStateDict,
  open: async (source) => (await import('./reader.ts')).openFlax(source),
};

/** A map of at most 15 whose first key is a short text and whose first value is a map or an array's extension. */
function beginsAsStateDict(head: Buffer): boolean {
  const mark = head[0] ?? 0;
  const length = (head[1] ?? 0) - 0xa0;
  if (mark < 0x81 || mark > 0x8f || length < 1 || length > 31 || head.length < 3 + length) return false;
  const value = head[2 + length] ?? 0;
  const key = head.toString('latin1', 2, 2 + length);
  return (
    /^[\w.-]+$/.test(key) && ((value >= 0x80 && value <= 0x8f) || value === 0xde || (value >= 0xc7 && value <= 0xc9))
  );
}
