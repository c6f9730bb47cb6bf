import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type Plain, parseBytes, plainOf, rewritten } from './plain.ts';

/**
 * Makes values of every plain kind at random, pickles each by every protocol, and prints them with what
 * they are; or (`check`) loads pickles from its input and prints what they are.
 */
const SCRIPT = `
import base64, io, json, pickle, random, struct, sys
def plain(v):
    if v is None or isinstance(v, bool): return v
    if isinstance(v, int): return {'int': str(v)}
    if isinstance(v, float): return {'float': struct.pack('>d', v).hex()}
    if isinstance(v, str): return {'str': v}
    if isinstance(v, bytes): return {'bytes': v.hex()}
    if isinstance(v, bytearray): return {'bytearray': v.hex()}
    if isinstance(v, list): return {'list': [plain(x) for x in v]}
    if isinstance(v, tuple): return {'tuple': [plain(x) for x in v]}
    return {'dict': [[plain(k), plain(x)] for k, x in v.items()]}
r = random.Random(7)
def key(): return r.choice([r.randrange(-5, 300), ''.join(chr(r.choice([97, 233, 0x6f22, 0x1d11e, 10, 92])) for _ in range(r.randrange(6))), (1, 'a'), None, True])
shared = ['shared']
def value(d):
    k = r.randrange(7 if d <= 0 else 11)
    if k == 0: return r.choice([None, True, False])
    if k == 1: return r.choice([r.randrange(-2**16, 2**16), r.getrandbits(r.choice([8, 31, 32, 63, 64, 900])) * r.choice([-1, 1])])
    if k == 2: return r.choice([0.0, -0.0, 1e-8, 1.5, float('inf'), r.random()])
    if k == 3: return ''.join(chr(r.choice([97, 233, 0x6f22, 0x1d11e, 10, 92, 39])) for _ in range(r.choice([3, 40, 300])))
    if k == 4: return shared
    if k in (5, 6): return 'text'
    if k == 7: return [value(d - 1) for _ in range(r.randrange(5))]
    if k == 8: return tuple(value(d - 1) for _ in range(r.randrange(5)))
    return {key(): value(d - 1) for _ in range(r.randrange(5))}
if sys.argv[1] == 'make':
    out = []
    for _ in range(60):
        v = value(4)
        for p in range(6): out.append([base64.b64encode(pickle.dumps(v, p)).decode(), plain(v)])
    print(json.dumps(out))
else:
    print(json.dumps([plain(pickle.loads(base64.b64decode(t))) for t in json.load(sys.stdin)]))
`;

const python = ['/usr/bin/python3', 'python3'].find((path) => spawnSync(path, ['-c', 'import pickle']).status === 0);

function run(mode: string, input = ''): unknown {
  const options = { input, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' as const };
  return JSON.parse(execFileSync(python ?? '', ['-c', SCRIPT, mode], options));
}

test.skipIf(!python)(
  "Python's own pickles are read as what was pickled, and load again when written anew",
  async () => {
    const made = run('make') as [string, Plain][];
    const written: string[] = [];
    for (const [text, expected] of made) {
      const bytes = Buffer.from(text, 'base64');
      const parsed = await parseBytes(bytes);
      expect(plainOf(parsed.value)).toEqual(expected);
      written.push(rewritten(parsed, bytes).toString('base64'));
    }
    expect(run('check', JSON.stringify(written))).toEqual(made.map(([, expected]) => expected));
  },
);
