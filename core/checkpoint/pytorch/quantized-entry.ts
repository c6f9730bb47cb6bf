import { bytesFor } from '../../ndarray/dtype.ts';
import type { PackedValue } from '../../ndarray/packed-storage.ts';
import { elementCount } from '../../ndarray/shape.ts';
import type { Entry } from '../checkpoint.ts';
import type { EntryContext } from './entry-context.ts';
import { packedView, viewBytes } from './storage-bytes.ts';
import type { QuantizedTensor, Quantizer } from './tensor.ts';
import { flagFacts, viewFacts } from './tensor-facts.ts';
import { viewPart } from './view-part.ts';

/** Its value is what the integers stand for, in float32; the integers are what is stored. */
export function quantizedEntry(name: string, tensor: QuantizedTensor, context: EntryContext): Entry {
  const { view, quantizer, flags } = tensor;
  const count = elementCount(view.shape);
  const bytes = viewBytes(view, context.records, context.name);
  const { stored, arrangement } = bytes;
  const parameters = { dtype: view.dtype, stored, arrangement, quantizer: quantizerValue(quantizer, context) };
  return {
    name,
    dtype: 'float32',
    shape: view.shape,
    nbytes: bytesFor('float32', count),
    file: bytes.file,
    offset: bytes.offset,
    packed: { decoder: 'pytorch-affine', parameters },
    stored: {
      dtype: view.dtype,
      nbytes: bytesFor(view.dtype, count),
      ...(!bytes.plain && { packed: packedView(bytes) }),
    },
    facts: { stored_dtype: view.dtype, ...quantizerFacts(quantizer), ...flagFacts(flags), ...viewFacts(view) },
  };
}

function quantizerValue(quantizer: Quantizer, { records, name }: EntryContext): PackedValue {
  if (quantizer.scheme === 'per_tensor_affine') return { ...quantizer };
  const { scheme, axis, scales, zeroPoints } = quantizer;
  return { scheme, axis, scales: viewPart(scales, records, name), zeroPoints: viewPart(zeroPoints, records, name) };
}

function quantizerFacts(quantizer: Quantizer): Record<string, string> {
  const { scheme } = quantizer;
  if (scheme === 'per_tensor_affine') {
    return { quantization: scheme, scale: String(quantizer.scale), zero_point: String(quantizer.zeroPoint) };
  }
  return { quantization: scheme, axis: String(quantizer.axis), scales: `${quantizer.scales.shape[0]} of them` };
}
