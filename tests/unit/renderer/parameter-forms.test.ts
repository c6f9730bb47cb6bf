import { describe, expect, test } from 'vitest';
import { INITIALIZER_NAMES } from '../../../core/api/parameters.ts';
import { createInitializer } from '../../../core/initializer/index.ts';
import { PROBE_KINDS } from '../../../core/workspace/parameter-probe/probe-kinds.ts';
import { probeModel } from '../../../core/workspace/parameter-probe/probe-models.ts';
import { formatFigure } from '../../../renderer/format/figures.ts';
import { devicesText, parseDevices } from '../../../renderer/parameter/devices-text.ts';
import { argumentsOf, INITIALIZERS } from '../../../renderer/parameter/initializers.ts';
import { guessProbe, probeKindsFor } from '../../../renderer/parameter/probe-guess.ts';

test('devices are read with commas, spaces and semicolons, and written with commas', () => {
  expect(parseDevices(' cpu(0),cpu(1); cpu(12)  ')).toEqual(['cpu(0)', 'cpu(1)', 'cpu(12)']);
  expect(devicesText(['cpu(0)', 'cpu(1)'])).toBe('cpu(0), cpu(1)');
  expect(() => parseDevices(' , ')).toThrow('at least one device');
});

test('figures that are no numbers have words', () => {
  expect(['NaN', 'Infinity', '-Infinity', null, 0.5].map((figure) => formatFigure(figure as 'NaN'))).toEqual([
    'NaN',
    '∞',
    '−∞',
    '—',
    '0.5',
  ]);
});

describe('the forms of initializers', () => {
  test('there is one for each that the host offers', () => {
    expect(Object.keys(INITIALIZERS).sort()).toEqual([...INITIALIZER_NAMES].sort());
  });

  test.each(INITIALIZER_NAMES)('what the form of %s begins with are its defaults', (name) => {
    const form = INITIALIZERS[name];
    const initial = new Map(form.arguments.map((argument) => [argument.name, String(argument.initial)]));
    const given = argumentsOf(form, (argument) => initial.get(argument) ?? '');
    const made = createInitializer({ ...given, initializer: name });
    // A constant has no default.
    const byDefault =
      name === 'constant' ? createInitializer({ initializer: name, value: 0 }) : createInitializer(name);
    expect(made.dumps()).toBe(byDefault.dumps());
  });

  test('an argument that is no number is refused by name', () => {
    expect(() => argumentsOf(INITIALIZERS.normal, () => 'wide')).toThrow('sigma is a number');
    expect(() => argumentsOf(INITIALIZERS.normal, () => ' ')).toThrow('sigma is a number');
  });
});

describe('what a tensor is probed as', () => {
  test.each([[[]], [[4]], [[4, 3]], [[4, 3, 2]], [[4, 3, 2, 2]], [[4, 3, 2, 2, 2]]])(
    'the window offers for shape %j what the host takes',
    (shape) => {
      const taken = PROBE_KINDS.filter((kind) => {
        try {
          return probeModel(kind, 'w', shape);
        } catch {
          return false;
        }
      });
      expect([...probeKindsFor(shape)].sort()).toEqual([...taken].sort());
    },
  );

  test.each([
    ['lm_head.weight', [8, 4], 'dense'],
    ['model.embed_tokens.weight', [8, 4], 'embedding'],
    ['vision.conv1.weight', [8, 3, 3, 3], 'convolution'],
    ['model.layers.0.input_layernorm.weight', [8], 'layer norm'],
    ['layer1.0.bn1.weight', [8], 'batch norm'],
    ['fc.bias', [8], 'bias'],
    ['ls1.gamma', [8], 'scale'],
    ['exp_avg', [8, 4], 'scale'],
    ['temperature', [], 'scale'],
    ['conv3d.weight', [8, 3, 3, 3, 3], 'scale'],
  ] as const)('%s of shape %j is guessed to be %s', (name, shape, guess) => {
    expect(guessProbe(name, shape)).toBe(guess);
  });
});
