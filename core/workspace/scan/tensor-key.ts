import { createHash } from 'node:crypto';
import type { LazyTensor } from '../../ndarray/lazy-tensor.ts';

/** Edits that carry more data than this are not worth a key. */
const MOST_EDIT_DATA = 2 ** 20;

/** Names of values within one state of one file: equal keys are equal values. */
export class TensorKeys {
  /** Every packed tensor of a checkpoint names all files of it. */
  readonly #digests = new WeakMap<object, string>();

  /** Without line breaks; null for a value that takes too long to name. */
  keyOf(tensor: LazyTensor): string | null {
    const { dtype, shape, region, packed, derived, sparse, steps } = tensor;
    const place = `${dtype} ${shape.join('x')} ${region.offset} ${region.nbytes}`;
    if (!packed && !derived && !sparse && steps.length === 0) return place;
    const data = steps.reduce((sum, step) => sum + (step.kind === 'set' ? step.data.length : 0), 0);
    if (data > MOST_EDIT_DATA) return null;
    const storage = packed && { ...packed, files: this.#digestOnce(packed.files) };
    return `${place} ${digest({ storage, derived, sparse, steps })}`;
  }

  #digestOnce(value: object): string {
    const known = this.#digests.get(value) ?? digest(value);
    this.#digests.set(value, known);
    return known;
  }
}

function digest(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
