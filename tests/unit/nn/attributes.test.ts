import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidArgumentError, InvalidStateError } from '../../../core/errors.ts';
import { Block } from '../../../core/nn/block.ts';
import { Dense } from '../../../core/nn/dense.ts';
import { Constant } from '../../../core/parameter/constant.ts';
import { Parameter } from '../../../core/parameter/parameter.ts';
import { heard } from './warnings.ts';

class Net extends Block {
  declared: Parameter = new Parameter('declared');
  attribute: unknown = null;
  layers: unknown = null;
  first: Block;

  constructor() {
    super();
    this.first = new Dense(3);
  }
}

const paths = (block: Block, select?: string | RegExp) => [...block.collectParams(select).keys()];

describe('attributes', () => {
  test('P-280 a Parameter is registered under the attribute name, not under its own', () => {
    const net = new Net();
    net.attribute = new Parameter('another name');
    expect([...net.params.keys()]).toEqual(['declared', 'attribute']);
    expect(net.params.get('attribute').name).toBe('another name');
  });

  test('P-280 a field is registered as an assignment in the constructor is', () => {
    const net = new Net();
    expect(paths(net)).toEqual(['declared', 'first.weight', 'first.bias']);
    expect([...net.children.keys()]).toEqual(['first']);
  });

  test.each([
    ['a Parameter', () => new Parameter(), [new Block(), 2, null, undefined, [new Parameter()]]],
    ['a Block', () => new Dense(2), [new Parameter(), new Block(), new Net(), 'dense', null]],
    ['a Constant', () => new Constant([1]), [new Parameter()]],
  ])('P-280 %s is not followed by something else', (_, first, others) => {
    const net = new Net();
    const value = first();
    net.attribute = value;
    for (const other of others) {
      expect(() => {
        net.attribute = other;
      }).toThrow(InvalidArgumentError);
      expect(() => {
        net.attribute = other;
      }).toThrow(/Changing attribute type for attribute from \w+ to .+ is not allowed/);
    }
    expect(net.attribute).toBe(value);
    const registered = net.params.has('attribute') ? net.params.get('attribute') : net.children.get('attribute');
    expect(registered).toBe(value);
  });

  test('P-280 a Constant may follow a Parameter, and another object of the same class', () => {
    const net = new Net();
    net.declared = new Constant([1, 2]);
    expect(net.params.get('declared')).toBe(net.declared);
    const next = new Dense(5);
    net.first = next;
    expect(net.children.get('first')).toBe(next);
  });

  test('anything may follow what is neither Parameter nor Block', () => {
    const net = new Net();
    net.attribute = 1;
    net.attribute = 'one';
    net.attribute = new Dense(1);
    expect(net.children.get('attribute')).toBe(net.attribute);
  });

  test('B-001 children that are no attributes are called by their number, or as one likes', () => {
    const block = new Block();
    block.registerChild(new Dense(1));
    block.registerChild(new Dense(1), 'head');
    block.registerChild(new Dense(1));
    expect([...block.children.keys()]).toEqual(['0', 'head', '2']);
  });

  test('private fields and methods of a subclass work as in any class', () => {
    class Counter extends Block {
      #count = 0;
      next(): number {
        return ++this.#count;
      }
    }
    const counter = new Counter();
    expect([counter.next(), counter.next()]).toEqual([1, 2]);
    expect(counter).toBeInstanceOf(Counter);
    expect(counter).toBeInstanceOf(Block);
  });

  test('a Block without a forward of its own says so', () => {
    expect(() => new Net().forward()).toThrow(InvalidStateError);
    expect(() => new Net().forward()).toThrow(/Net .* forward/);
  });
});

describe('any sequence of assignments', () => {
  const VALUES = {
    parameter: () => new Parameter(),
    constant: () => new Constant([1]),
    dense: () => new Dense(1),
    block: () => new Block(),
    number: () => 1,
  } as const;
  type Kind = keyof typeof VALUES;

  /** What each may be followed by. */
  const ALLOWED: Readonly<Record<Kind, readonly Kind[]>> = {
    parameter: ['parameter', 'constant'],
    constant: ['constant'],
    dense: ['dense'],
    block: ['block', 'dense'],
    number: ['parameter', 'constant', 'dense', 'block', 'number'],
  };

  test('P-280 leaves registered what the rules say, in the order of first registration', () => {
    const assignments = fc.array(
      fc.tuple(
        fc.constantFrom('a', 'b', 'c'),
        fc.constantFrom<Kind>('parameter', 'constant', 'dense', 'block', 'number'),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(assignments, (steps) => {
        const block = new Block();
        const held = new Map<string, { kind: Kind; value: unknown }>();
        const registered: string[] = [];
        for (const [name, kind] of steps) {
          const before = held.get(name)?.kind ?? 'number';
          const value = VALUES[kind]();
          const assign = () => Reflect.set(block, name, value);
          if (!ALLOWED[before].includes(kind)) {
            expect(assign).toThrow(InvalidArgumentError);
            continue;
          }
          assign();
          held.set(name, { kind, value });
          if (kind !== 'number' && !registered.includes(name)) registered.push(name);
        }
        const values = new Map<string, unknown>([...block.params, ...block.children]);
        for (const [name, { kind, value }] of held) {
          expect(Reflect.get(block, name)).toBe(value);
          expect(values.get(name)).toBe(kind === 'number' ? undefined : value);
        }
        const isParameter = (name: string) => held.get(name)?.value instanceof Parameter;
        expect([...block.params.keys()]).toEqual(registered.filter(isParameter));
        expect([...block.children.keys()]).toEqual(registered.filter((name) => !isParameter(name)));
      }),
    );
  });
});

describe('collectParams', () => {
  test('B-002 B-005 own Parameters come first, then those of the children in order', () => {
    const net = new Net();
    const inner = new Net();
    net.attribute = inner;
    inner.attribute = new Parameter();
    net.layers = new Parameter();
    expect(paths(net)).toEqual([
      'declared',
      'layers',
      'first.weight',
      'first.bias',
      'attribute.declared',
      'attribute.attribute',
      'attribute.first.weight',
      'attribute.first.bias',
    ]);
    expect([...net.params.keys()]).toEqual(['declared', 'layers']);
  });

  test.each<[string | RegExp, string[]]>([
    ['0.bias|1.bias', ['0.bias', '1.bias']],
    ['1..bias', ['10.bias']],
    ['bias', []],
    ['.*bias', ['0.bias', '1.bias', '10.bias']],
    ['1', ['1.weight', '1.bias', '10.weight', '10.bias']],
    [/1\./g, ['1.weight', '1.bias']],
    [/\d+.WEIGHT/i, ['0.weight', '1.weight', '10.weight']],
    ['^0.weight$', ['0.weight']],
    ['', ['0.weight', '0.bias', '1.weight', '1.bias', '10.weight', '10.bias']],
  ])('P-281 %s matches at the start of the path', (select, expected) => {
    const net = new Block();
    for (const name of ['0', '1', '10']) net.registerChild(new Dense(1), name);
    expect(paths(net, select).sort()).toEqual(expected.sort());
    expect(paths(net, select).sort()).toEqual(expected.sort());
  });

  test('P-281 a string that is no regular expression is refused', () => {
    expect(() => new Net().collectParams('(')).toThrow(InvalidArgumentError);
  });

  test('B-003 Blocks in containers are not registered, which is a warning', () => {
    const net = new Net();
    const forgotten = new Dense(1);
    net.layers = [[forgotten], { deep: new Map([['x', new Dense(1)]]) }];
    const messages = heard(() => expect(paths(net)).not.toContain('layers.0.weight'));
    expect(messages).toEqual([
      {
        category: 'UserWarning',
        message: expect.stringContaining('"layers" is an unregistered container with Blocks'),
      },
    ]);
    net.layers = [net.first, 1, null, [[]]];
    expect(heard(() => net.collectParams())).toEqual([]);
  });

  test('B-003 a container that holds itself ends the search', () => {
    const net = new Net();
    const loop: unknown[] = [];
    loop.push(loop, { loop });
    net.layers = loop;
    expect(heard(() => net.collectParams())).toEqual([]);
  });

  test('B-007 apply visits children before their parent', () => {
    const net = new Net();
    const visited: Block[] = [];
    expect(net.apply((block) => visited.push(block))).toBe(net);
    expect(visited).toEqual([net.first, net]);
  });
});
