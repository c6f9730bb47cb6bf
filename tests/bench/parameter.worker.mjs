/**
 * The product's own cpu device worker, with TensorFlow.js called directly beside it: one thread, one
 * TensorFlow.js, one backend. What the benchmark asks of the peer comes over a port of its own.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { workerData } from 'node:worker_threads';
import '../../dist/core/device/cpu.worker.js';
import { tf } from '../../dist/core/device/worker/tensorflow.js';
import { GRADIENT_FILL, SAMPLE, valuesFrom, WEIGHT } from './parameter-values.mjs';

const { port, shape } = workerData;
const size = shape.reduce((product, count) => product * count, 1);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** What an operation works on: made by its `prepare`, gone after `clear`. */
let held = {};

/** The values that the Parameters take, kept for all rounds as the benchmark keeps its NDArray. */
const value = tf.tensor(valuesFrom(0, size), shape);

function variable(tensor) {
  return tf.variable(tensor, true);
}

function filledGradient() {
  return variable(tf.fill(shape, GRADIENT_FILL));
}

/** As an assignment that keeps the variable and nothing of what was made for it. */
function assign(target, make) {
  const tensor = make();
  target.assign(tensor);
  tensor.dispose();
}

const operations = {
  'initialize, uniform': {
    prepare: () => ({}),
    run: () => ({ weight: variable(tf.randomUniform(shape, -0.07, 0.07)), grad: variable(tf.zeros(shape)) }),
  },
  'initialize, ones': {
    prepare: () => ({}),
    run: () => ({ weight: variable(tf.ones(shape)), grad: variable(tf.zeros(shape)) }),
  },
  setData: {
    prepare: () => ({ weight: variable(tf.ones(shape)) }),
    run: () => held.weight.assign(value),
  },
  'setData, one element changed': {
    prepare: () => ({ weight: variable(tf.ones(shape)) }),
    run: () =>
      assign(held.weight, () => {
        const values = value.dataSync().slice();
        values[0] = 1;
        return tf.tensor(values, shape);
      }),
  },
  'cast to int32 and back': {
    prepare: () => ({ weight: variable(tf.fill(shape, WEIGHT)) }),
    run: () => {
      for (const dtype of ['int32', 'float32']) {
        const cast = variable(held.weight.cast(dtype));
        held.weight.dispose();
        held.weight = cast;
      }
    },
  },
  zeroGrad: {
    prepare: () => ({ weight: filledGradient() }),
    run: () => assign(held.weight, () => tf.zeros(shape)),
  },
  'zeroGrad, filled anew': {
    prepare: () => ({ weight: filledGradient() }),
    run: () => {
      assign(held.weight, () => tf.zeros(shape));
      assign(held.weight, () => tf.fill(shape, 2));
    },
  },
  'reduce of two copies': {
    prepare: () => ({ a: variable(tf.clone(value)), b: variable(tf.ones(shape)) }),
    run: () => ({ weight: tf.tidy(() => tf.div(tf.add(held.a, held.b), 2)) }),
  },
};

function clear() {
  for (const tensor of Object.values(held)) tensor.dispose();
  held = {};
}

const steps = {
  prepare: (operation) => {
    held = tf.tidy(() => operation.prepare());
  },
  run: (operation) => {
    Object.assign(held, tf.tidy(() => operation.run()) ?? {});
  },
  sample: () => held.weight.dataSync().slice(-SAMPLE),
  clear,
  collect: () => collectGarbage(),
};

port.on('message', ({ step, name }) => {
  port.postMessage(steps[step](operations[name]));
});
