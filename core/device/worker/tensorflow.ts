import * as tf from '@tensorflow/tfjs';

// Otherwise TensorFlow.js recommends its native binding on the console of every Node process.
tf.enableProdMode();

export { tf };
