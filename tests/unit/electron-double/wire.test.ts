import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireCodec } from '../../electron-double/wire.ts';

const codec = new WireCodec({
  encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  decode: (text) => new Uint8Array(Buffer.from(text, 'base64')),
});
const carried = (value: unknown): unknown => codec.decode(codec.encode(value));

test('values cross as the structured clone of them', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.bigInt(),
    fc.constantFrom(null, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY),
    fc.uint8Array(),
    fc.float64Array(),
    fc.date({ noInvalidDate: true }),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('any')), fc.dictionary(fc.string(), tie('any'))),
  })).any;
  fc.assert(
    fc.property(value, (sent) => {
      expect(carried(sent)).toEqual(structuredClone(sent));
    }),
  );
});

test('views keep their bytes and kinds, buffers, maps, sets and errors what they are', () => {
  const { buffer } = new Uint8Array([1, 2, 3, 4]);
  const sent = [buffer, new DataView(buffer, 1, 2), new Map([[1, { a: [] }]]), new Set(['x']), /a+/gi];
  expect(carried(sent)).toEqual(structuredClone(sent));
  const error = carried(new RangeError('too far'));
  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({ message: 'too far' });
});

test.each([[() => {}], [Symbol('x')], [{ inside: [() => {}] }]])('what cannot be cloned is refused', (value) => {
  expect(() => codec.encode(value)).toThrow('An object could not be cloned.');
});
