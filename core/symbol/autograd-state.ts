import { AsyncLocalStorage } from 'node:async_hooks';

interface AutogradState {
  readonly recording: boolean;
  readonly training: boolean;
}

const OFF: AutogradState = { recording: false, training: false };

const scopes = new AsyncLocalStorage<AutogradState>();

function state(): AutogradState {
  return scopes.getStore() ?? OFF;
}

/** Whether operators are put on the tape; MXNet's `is_recording`. */
export function isRecording(): boolean {
  return state().recording;
}

/** Whether layers act as in training (dropout drops, batch norm uses the batch); MXNet's `is_training`. */
export function isTraining(): boolean {
  return state().training;
}

/**
 * Runs `fn` with operators recorded and returns what it returns. Scopes nest, end with `fn` or with
 * the promise that it returns, and do not touch code that runs beside it.
 */
export function record<T>(fn: () => T, { trainMode = true }: { readonly trainMode?: boolean } = {}): T {
  return scopes.run({ recording: true, training: trainMode }, fn);
}

/** As `record`, with nothing recorded. */
export function pause<T>(fn: () => T, { trainMode = false }: { readonly trainMode?: boolean } = {}): T {
  return scopes.run({ recording: false, training: trainMode }, fn);
}

/** Layers act as in training within `fn`; whether operators are recorded stays as it is. */
export function trainMode<T>(fn: () => T): T {
  return scopes.run({ ...state(), training: true }, fn);
}

export function predictMode<T>(fn: () => T): T {
  return scopes.run({ ...state(), training: false }, fn);
}

/** Operators are not recorded within `fn`; whether layers train stays as it is. */
export function unrecorded<T>(fn: () => T): T {
  return scopes.run({ ...state(), recording: false }, fn);
}
