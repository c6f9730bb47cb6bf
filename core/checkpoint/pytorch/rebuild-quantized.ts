import type { PickleValue } from '../pickle/values.ts';
import { globalName, integerValue, itemsOf, realValue } from './python-values.ts';
import { flagsOf, type RebuildContext } from './rebuild-context.ts';
import { stridedView } from './strided-view.ts';
import type { Quantizer, StridedView, TensorValue } from './tensor.ts';

/** `(storage, start, shape, strides, quantizer, requires_grad, hooks)`. */
export function rebuildQuantized(args: readonly PickleValue[], context: RebuildContext): TensorValue {
  const [storageValue, start, shape, strides, quantizerValue, requiresGrad] = args;
  const storage = context.storage(storageValue) ?? context.fail('a quantized tensor has no storage in this file');
  const view = stridedView({ storage, dtype: storage.dtype, start, shape, strides }, context.fail);
  const quantizer = quantizerOf(itemsOf(quantizerValue) ?? [], view, context);
  return { kind: 'quantized', view, quantizer, flags: flagsOf(requiresGrad) };
}

function quantizerOf(parts: readonly PickleValue[], view: StridedView, context: RebuildContext): Quantizer {
  const scheme = globalName(parts[0])?.replace('torch.', '') ?? '';
  switch (scheme) {
    case 'per_tensor_affine': {
      const [scale, zeroPoint] = [realValue(parts[1]), integerValue(parts[2])];
      if (scale === undefined || zeroPoint === undefined) return context.fail('a quantizer is malformed');
      return { scheme, scale, zeroPoint };
    }
    case 'per_channel_affine':
    case 'per_channel_affine_float_qparams': {
      const axis = integerValue(parts[3]) ?? -1;
      const channels = view.shape[axis];
      const [scales, zeroPoints] = [channelPart(parts[1], context), channelPart(parts[2], context)];
      if (channels === undefined || scales.shape[0] !== channels || zeroPoints.shape[0] !== channels) {
        return context.fail(`a quantizer has not one scale and zero point for each index of axis ${axis}`);
      }
      return { scheme, axis, scales, zeroPoints };
    }
    default:
      return context.fail(`the quantization scheme '${scheme}' is unknown`);
  }
}

function channelPart(value: PickleValue | undefined, context: RebuildContext): StridedView {
  const tensor = context.tensor(value);
  if (tensor?.kind === 'strided' && tensor.view.shape.length === 1) return tensor.view;
  return context.fail('the scales or zero points of a quantizer are no vector');
}
