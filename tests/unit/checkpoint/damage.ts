import fc from 'fast-check';

/** What disks, networks, people and malice do to a file. */
export interface Damage {
  readonly kind: 'cut' | 'overwrite' | 'insert' | 'remove';
  /** The share of the file, or of its head, that comes before. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** One to three damages; `words`, in hexadecimal, are bytes that the format may take for something. */
export function damages(words: readonly string[] = []): fc.Arbitrary<Damage[]> {
  const anything = fc.uint8Array({ minLength: 1, maxLength: 8 });
  const known = words.map((word) => Buffer.from(word, 'hex'));
  const damage = fc.record({
    kind: fc.constantFrom<Damage['kind'][]>('cut', 'overwrite', 'insert', 'remove'),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    bytes: known.length === 0 ? anything : fc.oneof(anything, fc.constantFrom(...known)),
  });
  return fc.array(damage, { minLength: 1, maxLength: 3 });
}

/** The file cut anywhere, and otherwise damaged in its first `head` bytes. */
export function damaged(file: Buffer, done: readonly Damage[], head = Number.POSITIVE_INFINITY): Buffer {
  return done.reduce((before, { kind, at, bytes }) => {
    if (kind === 'cut') return before.subarray(0, Math.floor(at * before.length));
    const position = Math.floor(at * Math.min(before.length, head));
    const rest = before.subarray(position + (kind === 'insert' ? 0 : bytes.length));
    return Buffer.concat([before.subarray(0, position), ...(kind === 'remove' ? [] : [bytes]), rest]);
  }, file);
}
