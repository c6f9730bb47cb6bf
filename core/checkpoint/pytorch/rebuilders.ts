import type { PickleValue } from '../pickle/values.ts';
import { torchDType } from './dtypes.ts';
import { globalName } from './python-values.ts';
import { flagsOf, type RebuildContext, type Rebuilder } from './rebuild-context.ts';
import { rebuildQuantized } from './rebuild-quantized.ts';
import { rebuildSparse } from './rebuild-sparse.ts';
import { shapeOf, stridedView } from './strided-view.ts';
import type { StridedTensor, TensorValue } from './tensor.ts';

/** The functions of torch that make tensors, and what their arguments mean. */
export const REBUILDERS: ReadonlyMap<string, Rebuilder> = new Map<string, Rebuilder>([
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_tensor_v3', rebuildTensorV3],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch._utils._rebuild_parameter_with_state', rebuildParameterWithState],
  ['torch.nn.parameter.Parameter', rebuildParameter],
  ['torch.nn.parameter.Buffer', ([data], context) => context.tensor(data)],
  ['torch.autograd.variable.Variable', ([data], context) => context.tensor(data)],
  ['torch._utils._rebuild_sparse_tensor', rebuildSparse],
  ['torch._utils._rebuild_sparse_csr_tensor', rebuildSparse],
  ['torch._utils._rebuild_qtensor', rebuildQuantized],
  ['torch._utils._rebuild_device_tensor_from_numpy', rebuildDevice],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', rebuildDevice],
  ['torch._utils._rebuild_xla_tensor', rebuildDevice],
  ['torch._utils._rebuild_meta_tensor_no_storage', rebuildMeta],
  ['torch._utils._rebuild_wrapper_subclass', rebuildWrapper],
]);

const NO_STORAGE =
  'a tensor has no storage in this file, as in a pickle that torch.save did not write: load it and save it with torch.save';

/** `(storage, start, shape, strides, requires_grad, hooks, metadata)`; the oldest had the first four. */
function rebuildTensor(args: readonly PickleValue[], context: RebuildContext): StridedTensor {
  const [storageValue, start, shape, strides, requiresGrad, , metadata] = args;
  const storage = context.storage(storageValue) ?? context.fail(NO_STORAGE);
  const view = stridedView({ storage, dtype: storage.dtype, start, shape, strides }, context.fail);
  return { kind: 'strided', view, flags: flagsOf(requiresGrad, metadata) };
}

/** As above, but the storage has no dtype: it follows the hooks. */
function rebuildTensorV3(args: readonly PickleValue[], context: RebuildContext): TensorValue {
  const [storageValue, start, shape, strides, requiresGrad, , type, metadata] = args;
  const storage = context.storage(storageValue) ?? context.fail(NO_STORAGE);
  const name = globalName(type) ?? context.fail('the dtype of a tensor is malformed');
  const dtype = torchDType(name);
  if (dtype === undefined) {
    return { kind: 'valueless', dtype: name, shape: shapeOf(shape, context.fail), reason: `${name} is not supported` };
  }
  const view = stridedView({ storage, dtype, start, shape, strides }, context.fail);
  return { kind: 'strided', view, flags: flagsOf(requiresGrad, metadata) };
}

function rebuildParameter(
  [data, requiresGrad]: readonly PickleValue[],
  context: RebuildContext,
): TensorValue | undefined {
  const tensor = context.tensor(data);
  if (!tensor || !('flags' in tensor)) return tensor;
  return { ...tensor, flags: { ...tensor.flags, parameter: true, requiresGrad: requiresGrad !== false } };
}

function rebuildParameterWithState(args: readonly PickleValue[], context: RebuildContext): TensorValue | undefined {
  const tensor = rebuildParameter(args, context);
  const state = args[3];
  if (!tensor || !('flags' in tensor) || state === undefined || state === null) return tensor;
  return { ...tensor, flags: { ...tensor.flags, attributes: [...tensor.flags.attributes, state] } };
}

/** `(data, dtype, device, requires_grad)`: of a backend whose tensors travel through the cpu. */
function rebuildDevice(
  [data, , , requiresGrad]: readonly PickleValue[],
  context: RebuildContext,
): TensorValue | undefined {
  const tensor = context.tensor(data);
  if (!tensor || !('flags' in tensor)) return tensor;
  return { ...tensor, flags: { ...tensor.flags, requiresGrad: requiresGrad === true } };
}

function rebuildMeta([type, shape]: readonly PickleValue[], context: RebuildContext): TensorValue {
  const reason = 'it was on the meta device, without values';
  return { kind: 'valueless', dtype: dtypeText(type), shape: shapeOf(shape, context.fail), reason };
}

function rebuildWrapper([cls, type, shape]: readonly PickleValue[], context: RebuildContext): TensorValue {
  const reason = `it is a ${globalName(cls) ?? 'wrapper'} around other tensors`;
  return { kind: 'valueless', dtype: dtypeText(type), shape: shapeOf(shape, context.fail), reason };
}

function dtypeText(type: PickleValue | undefined): string {
  return globalName(type) ?? 'unknown dtype';
}
