import { bytesFor } from '../../ndarray/dtype.ts';
import { elementCount } from '../../ndarray/shape.ts';
import { clippedText } from '../value-text.ts';
import { pythonText } from './python-text.ts';
import { isContiguous } from './strided-view.ts';
import type { StridedView, TensorFlags } from './tensor.ts';

type Facts = Record<string, string>;

export function flagFacts(flags: TensorFlags): Facts {
  const facts: Facts = {};
  if (flags.parameter) facts.is_parameter = 'true';
  if (flags.requiresGrad) facts.requires_grad = 'true';
  else if (flags.parameter) facts.requires_grad = 'false';
  if (flags.conjugated) facts.is_conj = 'true';
  if (flags.negated) facts.is_neg = 'true';
  if (flags.subclass !== null) facts.class = flags.subclass;
  if (flags.attributes.length > 0) {
    facts.attributes = clippedText(flags.attributes.map((value) => pythonText(value)).join(', '));
  }
  return facts;
}

/** How a view lies in its storage, where that is not all of it, one element after the other. */
export function viewFacts({ storage, dtype, shape, strides, start }: StridedView): Facts {
  const facts: Facts = {};
  if (!isContiguous({ shape, strides })) facts.stride = `(${strides.join(', ')})`;
  if (start > 0) facts.storage_offset = String(start);
  const size = (storage.size * bytesFor(storage.dtype, 1)) / bytesFor(dtype, 1);
  if (elementCount(shape) < size) facts.storage = `${elementCount(shape)} of the ${size} elements stored`;
  if (storage.location !== 'cpu') facts.device = storage.location;
  return facts;
}
