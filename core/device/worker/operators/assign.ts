import { InvalidStateError } from '../../../errors.ts';
import { elementCount, type Shape, stridesOf } from '../../../ndarray/shape.ts';
import { numberOf } from '../../attributes.ts';
import { convert } from '../convert.ts';
import { DeviceArray, partsOf } from '../device-array.ts';
import { registerKernel } from './registry.ts';

/** Writes into a part of an array, or the same values into many parts of it. */

/** The input, cast to the output's dtype, over the elements of the output from `offset` on. */
registerKernel('assign_range', (inputs, attributes, outputs) => {
  convert(only(inputs), only(outputs), numberOf(attributes, 'offset'));
});

/** The input, cast to the output's dtype and repeated along axes of size 1 and missing leading axes. */
registerKernel('assign_broadcast', (inputs, _attributes, outputs) => {
  const target = only(outputs);
  const source = new DeviceArray(target.dtype, only(inputs).shape);
  convert(only(inputs), source);
  const targets = partsOf(target.elements);
  partsOf(source.elements).forEach((part, i) => {
    const to = targets[i];
    if (to) repeat(bytesOf(part), bytesOf(to), axesOf(source.shape, target.shape, part.BYTES_PER_ELEMENT));
  });
});

/** An axis of the target. */
interface Axis {
  readonly size: number;
  /** Bytes of the target under all indices of this axis. */
  readonly bytes: number;
  /** Bytes from one index to the next in the source; 0 where it repeats. */
  readonly step: number;
  /** From here on source and target are laid out alike. */
  readonly alike: boolean;
}

function axesOf(source: Shape, target: Shape, width: number): Axis[] {
  const lead = target.length - source.length;
  const strides = stridesOf(source);
  return target.map((size, axis) => ({
    size,
    bytes: elementCount(target.slice(axis)) * width,
    step: source[axis - lead] === 1 ? 0 : (strides[axis - lead] ?? 0) * width,
    alike: target.slice(axis).every((inner, i) => inner === source[axis - lead + i]),
  }));
}

function repeat(source: Uint8Array, target: Uint8Array, axes: readonly Axis[]): void {
  const copy = (depth: number, from: number, to: number): void => {
    const axis = axes[depth];
    if (!axis || axis.alike) {
      target.set(source.subarray(from, from + (axis?.bytes ?? source.length)), to);
      return;
    }
    const inner = axis.bytes / axis.size;
    if (axis.step > 0) {
      for (let i = 0; i < axis.size; i++) copy(depth + 1, from + i * axis.step, to + i * inner);
      return;
    }
    copy(depth + 1, from, to);
    for (let done = inner; done < axis.bytes; done *= 2) {
      target.copyWithin(to + done, to, to + Math.min(done, axis.bytes - done));
    }
  };
  if (target.length > 0) copy(0, 0, 0);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function only(arrays: readonly DeviceArray[]): DeviceArray {
  const [array] = arrays;
  if (!array || arrays.length > 1) throw new InvalidStateError(`The kernel takes one array, got ${arrays.length}.`);
  return array;
}
