import { afterAll, expect, test } from 'vitest';
import type { Device } from '../../../core/device/device.ts';
import type { NDArray } from '../../../core/device/nd-array.ts';
import { sharedRuntime } from '../../../core/device/shared-runtime.ts';
import { Dense } from '../../../core/nn/dense.ts';
import { L2Loss } from '../../../core/nn/loss.ts';
import { Sequential } from '../../../core/nn/sequential.ts';
import { autograd } from '../../../core/symbol/autograd.ts';
import type { OptimizerOptions } from '../../../core/trainer/optimizer-options.ts';
import { Trainer } from '../../../core/trainer/trainer.ts';
import { bytesOf, place } from '../device/runtimes.ts';
import { valuesOf } from './arrays.ts';

afterAll(() => sharedRuntime().close());

const [FEATURES, HIDDEN, OUTPUTS, SAMPLES, STEPS] = [3, 4, 2, 12, 12];
const DEVICES = [place(0), place(1)];

type Matrix = readonly (readonly number[])[];

/** Numbers in [-1, 1) that look random and are the same on every machine. */
function noise(rows: number, columns: number, seed: number): Matrix {
  let state = seed;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 30 - 1;
  };
  return Array.from({ length: rows }, () => Array.from({ length: columns }, next));
}

const X = noise(SAMPLES, FEATURES, 1);
const Y = X.map(([a = 0, b = 0, c = 0]) => [Math.sin(a + b), a * b - c]);

interface Weights {
  readonly w1: Matrix;
  readonly b1: readonly number[];
  readonly w2: Matrix;
  readonly b2: readonly number[];
}

const START: Weights = {
  w1: noise(HIDDEN, FEATURES, 2),
  b1: new Array(HIDDEN).fill(0),
  w2: noise(OUTPUTS, HIDDEN, 3),
  b2: new Array(OUTPUTS).fill(0),
};

/** The training in plain numbers: all weights in one list, so that an update is one rule for each number. */
class PlainTraining {
  weights: number[] = flatten(START);
  readonly #rule: (w: number, g: number, i: number, t: number) => number;
  #step = 0;

  constructor(rule: (w: number, g: number, i: number, t: number) => number) {
    this.#rule = rule;
  }

  step(): void {
    const gradients = gradientOf(unflatten(this.weights));
    this.#step++;
    this.weights = this.weights.map((w, i) => this.#rule(w, (gradients[i] ?? 0) / SAMPLES, i, this.#step));
  }
}

/** The gradient of the sum over samples of the mean over outputs of (prediction - label)² / 2. */
function gradientOf({ w1, b1, w2, b2 }: Weights): number[] {
  const g = { w1: zeros(HIDDEN, FEATURES), b1: zeros(1, HIDDEN), w2: zeros(OUTPUTS, HIDDEN), b2: zeros(1, OUTPUTS) };
  X.forEach((x, sample) => {
    const h = w1.map((row, j) => Math.tanh(dot(row, x) + at(b1, j)));
    const error = w2.map((row, k) => (dot(row, h) + at(b2, k) - at(Y[sample], k)) / OUTPUTS);
    error.forEach((e, k) => {
      accumulate(g.b2, [0, k], e);
      h.forEach((value, j) => {
        accumulate(g.w2, [k, j], e * value);
      });
    });
    h.forEach((value, j) => {
      const through = error.reduce((sum, e, k) => sum + e * at(w2[k], j), 0) * (1 - value * value);
      accumulate(g.b1, [0, j], through);
      x.forEach((feature, i) => {
        accumulate(g.w1, [j, i], through * feature);
      });
    });
  });
  return [g.w1, g.b1, g.w2, g.b2].flat(2);
}

function zeros(rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, () => new Array(columns).fill(0));
}

function accumulate(matrix: number[][], [row, column]: readonly [number, number], value: number): void {
  const values = matrix[row];
  if (values) values[column] = (values[column] ?? 0) + value;
}

function at(values: readonly number[] | undefined, index: number): number {
  return values?.[index] ?? Number.NaN;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * at(b, i), 0);
}

function flatten({ w1, b1, w2, b2 }: Weights): number[] {
  return [w1.flat(), b1, w2.flat(), b2].flat();
}

function unflatten(values: readonly number[]): Weights {
  const left = [...values];
  const take = (count: number) => left.splice(0, count);
  const rows = (count: number, width: number) => Array.from({ length: count }, () => take(width));
  return { w1: rows(HIDDEN, FEATURES), b1: take(HIDDEN), w2: rows(OUTPUTS, HIDDEN), b2: take(OUTPUTS) };
}

function matrix(values: Matrix, device: Device): NDArray {
  const shape = [values.length, values[0]?.length ?? 0];
  return sharedRuntime().fromBytes({
    shape,
    dtype: 'float32',
    device,
    bytes: bytesOf(Float32Array.from(values.flat())),
  });
}

function net(): Sequential {
  const hidden = new Dense(HIDDEN, { activation: 'tanh', inUnits: FEATURES });
  const output = new Dense(OUTPUTS, { inUnits: HIDDEN });
  const made = new Sequential(hidden, output);
  made.initialize({ device: DEVICES });
  hidden.weight.setData(matrix(START.w1, place(0)));
  output.weight.setData(matrix(START.w2, place(0)));
  return made;
}

const SGD_OPTIONS = { learningRate: 0.5, momentum: 0.9, wd: 0.01 };
const ADAM_OPTIONS = { learningRate: 0.05, beta1: 0.8, beta2: 0.95 };

function momentumRule(): (w: number, g: number, i: number) => number {
  const velocity: number[] = [];
  return (w, g, i) => {
    velocity[i] = 0.9 * (velocity[i] ?? 0) - 0.5 * (g + 0.01 * w);
    return w + velocity[i];
  };
}

function adamRule(): (w: number, g: number, i: number, t: number) => number {
  const [mean, variance]: number[][] = [[], []];
  return (w, g, i, t) => {
    if (!mean || !variance) return Number.NaN;
    mean[i] = 0.8 * (mean[i] ?? 0) + 0.2 * g;
    variance[i] = 0.95 * (variance[i] ?? 0) + 0.05 * g * g;
    const rate = (0.05 * Math.sqrt(1 - 0.95 ** t)) / (1 - 0.8 ** t);
    return w - (rate * mean[i]) / (Math.sqrt(variance[i]) + 1e-8);
  };
}

test.each([
  ['sgd', SGD_OPTIONS, true, momentumRule],
  ['sgd', SGD_OPTIONS, false, momentumRule],
  ['adam', ADAM_OPTIONS, true, adamRule],
  ['adam', ADAM_OPTIONS, false, adamRule],
] as const)(
  'two layers on two devices train by %s %j (updateOnKvstore %s) as plain arithmetic does, step for step',
  async (optimizer, options: OptimizerOptions, updateOnKvstore, rule) => {
    const model = net();
    const parameters = [...model.collectParams().values()];
    const trainer = new Trainer(model.collectParams(), optimizer, options, { updateOnKvstore });
    const plain = new PlainTraining(rule());
    const loss = new L2Loss();
    const half = SAMPLES / DEVICES.length;
    const batches = DEVICES.map((device, i) => ({
      x: matrix(X.slice(i * half, (i + 1) * half), device),
      y: matrix(Y.slice(i * half, (i + 1) * half), device),
    }));
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const heads = autograd.record(() => batches.map(({ x, y }) => loss.forward(model.forward(x), y)));
      autograd.backward(heads);
      trainer.step(SAMPLES);
      plain.step();
      for (const device of DEVICES) {
        const copies = await Promise.all(parameters.map((parameter) => valuesOf(parameter.data(device))));
        const difference = copies.flat().map((value, i) => Math.abs(value - at(plain.weights, i)));
        expect(Math.max(...difference)).toBeLessThan(1e-4);
      }
      losses.push((await Promise.all(heads.map((head) => valuesOf(head)))).flat().reduce((sum, value) => sum + value));
    }
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
  },
);
