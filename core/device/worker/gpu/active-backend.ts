import { tf } from '../tensorflow.ts';

/**
 * TensorFlow.js runs its operators on one backend at a time, for the whole worker. All backends here are
 * registered ready-made, so that the switch is done when this returns.
 */
export function activateBackend(name: string): void {
  if (tf.getBackend() === name) return;
  void tf.setBackend(name);
  if (tf.getBackend() !== name) throw new Error(`TensorFlow.js did not switch to its backend ${name}.`);
}
