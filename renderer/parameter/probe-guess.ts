import type { ProbeKind } from '../contract.ts';
import { kindOf } from '../tree/kind.ts';

/** What a tensor of this shape can be probed as. */
export function probeKindsFor(shape: readonly number[]): readonly ProbeKind[] {
  switch (shape.length) {
    case 1:
      return ['layer norm', 'batch norm', 'bias', 'scale'];
    case 2:
      return ['dense', 'embedding', 'scale'];
    case 3:
    case 4:
      return ['convolution', 'scale'];
    default:
      return ['scale'];
  }
}

const BATCH_NORM = /(^|[._/])(bn\d*|batch_?norm\w*)([._/]|$)/i;

/** What it most likely is, by its name and shape. */
export function guessProbe(name: string, shape: readonly number[]): ProbeKind {
  const guess = guessByName(name, shape);
  return probeKindsFor(shape).includes(guess) ? guess : 'scale';
}

function guessByName(name: string, shape: readonly number[]): ProbeKind {
  const kind = kindOf(name, shape);
  switch (kind) {
    case 'embedding':
    case 'convolution':
    case 'bias':
      return kind;
    case 'matrix':
      return 'dense';
    case 'norm':
      return BATCH_NORM.test(name) ? 'batch norm' : 'layer norm';
    case 'vector':
    case 'scalar':
    case 'state':
    case 'other':
      return 'scale';
  }
}
