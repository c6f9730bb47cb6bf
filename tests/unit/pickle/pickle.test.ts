import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDangerous } from '../../../core/checkpoint/pickle/danger.ts';
import {
  PickleDict,
  PickleList,
  type PickleObject,
  PicklePersistent,
  type PickleString,
  PickleTuple,
} from '../../../core/checkpoint/pickle/values.ts';
import { writePickle } from '../../../core/checkpoint/pickle/write.ts';
import { ParascopeError } from '../../../core/errors.ts';
import { containerFixtures } from '../../fixtures/catalog.ts';
import { assembled, nodeOf, type Plain, parseBytes, plainOf, rewritten } from './plain.ts';

const hex = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('hex'));

function float(value: number): Plain {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return { float: bytes.toString('hex') };
}

const plain = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom<Plain>(null, true, false),
    fc.oneof(fc.integer(), fc.bigInt(-(2n ** 600n), 2n ** 600n)).map((int): Plain => ({ int: String(int) })),
    fc.double({ noNaN: true }).map(float),
    fc.string({ unit: 'binary', maxLength: 300 }).map((str): Plain => ({ str })),
    hex.map((bytes): Plain => ({ bytes })),
    hex.map((bytearray): Plain => ({ bytearray })),
    fc.array(tie('value'), { maxLength: 6 }).map((list): Plain => ({ list })),
    fc.array(tie('value'), { maxLength: 6 }).map((tuple): Plain => ({ tuple })),
    fc.array(tie('value'), { maxLength: 4 }).map((set): Plain => ({ set })),
    fc.array(tie('value'), { maxLength: 4 }).map((frozenset): Plain => ({ frozenset })),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((dict): Plain => ({ dict })),
  ),
})).value;

test('what is written is what is read, value for value', async () => {
  await fc.assert(
    fc.asyncProperty(plain, fc.constantFrom(2, 3, 4, 5), async (value, protocol) => {
      const bytes = assembled(writePickle(nodeOf(value), protocol));
      const parsed = await parseBytes(bytes);
      expect(plainOf(parsed.value)).toEqual(value);
      expect(parsed).toMatchObject({ protocol, end: bytes.length });
    }),
    { numRuns: 300 },
  );
});

test('lone surrogates aside, strings keep every character', async () => {
  const text = 'naïve 漢字 𝄞 \0 \n';
  const { value } = await parseBytes(assembled(writePickle(nodeOf({ str: text }), 4)));
  expect(value).toMatchObject({ text });
});

describe('opcodes', () => {
  const pickle = (text: string): Promise<unknown> => parseBytes(Buffer.from(text, 'latin1')).then(({ value }) => value);

  test.each([
    [
      'integers as lines',
      '(I1\nI-7\nI01\nI00\nL12345678901234567890L\nt.',
      [1, -7, true, false, 12345678901234567890n],
    ],
    [
      'integers of every width',
      '(K\xffM\xff\xffJ\xff\xff\xff\xff\x8a\x00\x8a\x01\xff\x8b\x02\x00\x00\x00\x00\x01t.',
      [255, 65535, -1, 0, -1, 256],
    ],
  ])('%s', async (_, text, items) => {
    expect(await pickle(text)).toMatchObject({ items });
  });

  test('floats as lines', async () => {
    const { items } = (await pickle('(F1.5\nF-inf\nFnan\nF1e-05\nt.')) as PickleTuple;
    expect(items.map((item) => (item as { value: number }).value)).toEqual([1.5, -Infinity, Number.NaN, 1e-5]);
  });

  test('strings as lines, with their escapes', async () => {
    const { items } = (await pickle("(S'a\\x41\\n\\\\\\''\nVcaf\xe9 \\u6f22\nt.")) as PickleTuple;
    expect(items.map((item) => (item as PickleString).text)).toEqual(["aA\n\\'", 'café 漢']);
  });

  test('marks, POP, POP_MARK, DUP, LIST, DICT', async () => {
    expect(await pickle('K\x01(0K\x022\x86.')).toMatchObject({ items: [2, 2] });
    expect(await pickle('(K\x01(K\x02K\x031K\x04t.')).toMatchObject({ items: [1, 4] });
    expect(await pickle('(K\x01K\x02l.')).toMatchObject({ items: [1, 2] });
    expect(await pickle('(K\x01K\x02d.')).toMatchObject({ pairs: [1, 2] });
  });

  test('the memo by number, by order and across its kinds', async () => {
    expect(await pickle(']p7\n0g7\ng7\n\x86.')).toMatchObject({ items: [{}, {}] });
    expect(await pickle('\x80\x04]\x94K\x05\x940h\x00h\x01\x86.')).toMatchObject({ items: [{ items: [] }, 5] });
    expect(await pickle(']r\x00\x01\x00\x000j\x00\x01\x00\x00.')).toBeInstanceOf(PickleList);
  });

  test('classes, calls, states and references are written down', async () => {
    const called = (await pickle('cos\nsystem\n(K\x01tR}K\x02K\x03sb.')) as PickleObject;
    expect(called).toMatchObject({ construction: 'reduce', qualifiedName: 'os.system', args: { items: [1] } });
    expect(called.states?.[0]).toBeInstanceOf(PickleDict);
    expect(await pickle('(K\x01ia\nB\n.')).toMatchObject({ construction: 'inst', qualifiedName: 'a.B' });
    expect(await pickle('(ca\nB\nK\x01o.')).toMatchObject({ construction: 'inst', args: { items: [1] } });
    expect(await pickle('ca\nB\n)\x81.')).toMatchObject({ construction: 'newobj' });
    expect(await pickle('\x80\x04ca\nB\n)}\x92.')).toMatchObject({ construction: 'newobj_ex', kwargs: { pairs: [] } });
    expect(await pickle('\x80\x04\x8c\x01a\x8c\x03B.C\x93.')).toMatchObject({ module: 'a', name: 'B.C' });
    expect(await pickle('Pthe id\n.')).toMatchObject({ id: { text: 'the id' } });
    expect(await pickle('K\x09Q.')).toBeInstanceOf(PicklePersistent);
    expect(await pickle('\x82\x07.')).toMatchObject({ code: 7 });
    expect(await pickle('\x80\x05\x97\x98.')).toMatchObject({ index: 0, readonly: true });
  });

  test('a value may hold itself', async () => {
    const list = (await pickle(']q\x00h\x00a.')) as PickleList;
    expect(list.items[0]).toBe(list);
    const again = (await parseBytes(assembled(writePickle(list, 2)))).value as PickleList;
    expect(again.items[0]).toBe(again);
    // A tuple that holds a list that holds the tuple, as Python writes it.
    const tuple = (await pickle(']q\x00h\x00\x85q\x01a0h\x01.')) as PickleTuple;
    const copy = (await parseBytes(assembled(writePickle(tuple, 2)))).value as PickleTuple;
    expect((copy.items[0] as PickleList).items[0]).toBe(copy);
  });

  test('depth costs no stack', async () => {
    const depth = 300_000;
    const { value } = await parseBytes(Buffer.from(`${'('.repeat(depth)}${'t'.repeat(depth)}.`));
    expect((await parseBytes(assembled(writePickle(value, 2)))).value).toBeInstanceOf(PickleTuple);
  });

  test.each([
    ['', /ends before its STOP/],
    ['K', /ends before its STOP/],
    ['\xff.', /0xff is no opcode/],
    ['\x80\x06.', /its protocol is 6/],
    ['0.', /more values from its stack than lie there/],
    ['.', /more values from its stack/],
    ['K\x01(a.', /more values from its stack/],
    ['t.', /a mark where there is none/],
    ['h\x05.', /recalls value 5 of its memo/],
    ['K\x01K\x02a.', /appends to what is no list/],
    ['K\x01K\x02K\x03s.', /sets an item of what is no dict/],
    ['}(K\x01u.', /a key of a dict has no value/],
    ['K\x01K\x02b.', /sets the state of what has none/],
    ['X\xff\xff\xff\xffabc.', /a value of 4294967295 bytes reaches beyond the end/],
    ['T\xff\xff\xff\xffabc.', /a length of -1 bytes is negative/],
    ['\x8d\xff\xff\xff\xff\xff\xff\xff\xff.', /reaches beyond the end/],
    ['\x95\xff\xff\xff\xff\x00\x00\x00\x00.', /reaches beyond the end/],
    ['\x8b\xff\xff\x00\x00.', /an integer takes 65535 bytes/],
    ['Ix\n.', /"x" is no integer/],
    ['Fx\n.', /"x" is no floating-point number/],
    ['I1', /cut short/],
    ['cos\nsystem\n}b.', /would change os\.system itself/],
  ])('%j is refused with its place', async (text, message) => {
    const error = await pickle(text).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ParascopeError);
    expect(String(error)).toMatch(message);
    expect((error as ParascopeError).details.file).toBe('test.pkl');
  });
});

describe('limits', () => {
  test('a pickle of a few bytes cannot describe more than memory holds', async () => {
    const bytes = Buffer.alloc(6_000_000, ']');
    await expect(parseBytes(bytes)).rejects.toThrow(/more values than|its stack holds more than/);
  });

  test('long strings and bytes stay in the file', async () => {
    const long = Buffer.from('x'.repeat(200_000));
    const bytes = Buffer.concat([Buffer.from('\x80\x03X', 'latin1'), lengthOf(long), long, Buffer.from('.')]);
    const parsed = await parseBytes(bytes);
    expect(parsed.value).toMatchObject({ text: null, offset: 7, nbytes: 200_000 });
    expect(rewritten(parsed, bytes).equals(bytes)).toBe(true);
  });

  test('only what is needed is read', async () => {
    const long = Buffer.alloc(50_000_000);
    const bytes = Buffer.concat([
      Buffer.from('\x80\x03B', 'latin1'),
      lengthOf(long),
      long,
      Buffer.from('K\x01\x86.', 'latin1'),
    ]);
    let read = 0;
    const { parsePickle } = await import('../../../core/checkpoint/pickle/parse.ts');
    const { value } = await parsePickle({
      name: 'test.pkl',
      size: bytes.length,
      read: async (start, nbytes) => {
        read += nbytes;
        return bytes.subarray(start, start + nbytes);
      },
    });
    expect(value).toMatchObject({ items: [{ bytes: null, nbytes: 50_000_000 }, 1] });
    expect(read).toBeLessThan(100_000);
  });
});

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return length;
}

/** Where the stored `data.pkl` of an archive, or the first pickles of a legacy file, lie. */
function picklesOf(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (
    let at = file.indexOf('\x80\x02', 0, 'latin1');
    at >= 0 && found.length < 5;
    at = file.indexOf('\x80\x02', at + 1, 'latin1')
  ) {
    found.push(file.subarray(at));
  }
  return found;
}

const pickles = containerFixtures(['pytorch']).flatMap(({ path }) => picklesOf(readFileSync(path)));

test('the pickles of real files are written anew as the same values', async () => {
  let count = 0;
  for (const bytes of pickles) {
    const parsed = await parseBytes(bytes).catch(() => null);
    if (!parsed) continue;
    count++;
    const again = await parseBytes(rewritten(parsed, bytes));
    const third = rewritten(again, rewritten(parsed, bytes));
    expect(third.equals(rewritten(parsed, bytes))).toBe(true);
    expect([...again.globals.keys()].sort()).toEqual([...parsed.globals.keys()].sort());
    expect(again.persistents.length).toBe(parsed.persistents.length);
  }
  expect(count).toBeGreaterThan(20);
});

test('damaged pickles are refused with their place, or make sense', async () => {
  const damage = fc.record({
    pickle: fc.constantFrom(...pickles),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }),
    kind: fc.constantFrom('overwrite', 'insert', 'remove', 'cut'),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ pickle, at, bytes, kind }) => {
      const place = Math.floor(at * Math.min(pickle.length, 4000));
      const tail = pickle.subarray(place + (kind === 'insert' ? 0 : bytes.length));
      const middle = kind === 'overwrite' || kind === 'insert' ? [bytes] : [];
      const damaged = Buffer.concat([pickle.subarray(0, place), ...middle, ...(kind === 'cut' ? [] : [tail])]);
      const outcome = await parseBytes(damaged).catch((error: unknown) => error);
      if (outcome instanceof ParascopeError) expect(outcome.details.offset).toBeGreaterThanOrEqual(0);
      else if (outcome instanceof Error) throw outcome;
    }),
    { numRuns: 1500 },
  );
});

test.each([
  ['os.system', true],
  ['posix.system', true],
  ['nt.system', true],
  ['builtins.eval', true],
  ['__builtin__.eval', true],
  ['builtins.getattr', true],
  ['subprocess.Popen', true],
  ['torch.os.system', true],
  ['torch.hub.load', true],
  ['importlib.import_module', true],
  ['collections.OrderedDict', false],
  ['torch._utils._rebuild_tensor_v2', false],
  ['argparse.Namespace', false],
  ['numpy._core.multiarray._reconstruct', false],
  ['builtins.set', false],
  ['mypackage.Config', false],
  ['types.SimpleNamespace', false],
  ['__torch__.torch.nn.modules.linear.Linear', false],
])('%s is dangerous to call: %s', (name, dangerous) => {
  expect(isDangerous(name)).toBe(dangerous);
});
