import { stridesOf } from '../../../../ndarray/shape.ts';
import { numberOf } from '../../../attributes.ts';
import { elementTypeOf } from '../gpu-device.ts';
import { type GpuCall, registerGpuKernel } from '../kernels.ts';
import { launch } from '../launch.ts';
import { TWO_SUM } from '../shaders/arithmetic.ts';
import { broadcastWalks, walkCode } from '../walk.ts';
import { readPositions, withPositions } from './positions.ts';

/** Entries of the first input along `axis`, at the positions in the second, clipped to those there are. */
registerGpuKernel('take', {
  accepts: acceptsAnyIndices,
  run: async ({ inputs: [input, indices], outputs: [output], attributes }) => {
    if (!input || !indices || !output) return;
    const axis = numberOf(attributes, 'axis');
    const [size, inner] = [input.shape[axis] ?? 1, stridesOf(input.shape)[axis] ?? 1];
    const positions = (await readPositions(indices)).map((index) => Math.min(Math.max(index, 0), size - 1));
    withPositions(output.device, [positions], ([position]) => {
      if (!position) return;
      launch(output, {
        name: `take_${position.dtype}`,
        inputs: [input, position],
        integers: { size, inner, taken: indices.size },
        code: [
          `fn element(index: i32) -> ${elementTypeOf(output.dtype)} {
  let row: i32 = index / inner();
  let at: i32 = (row / taken()) * size() + i32(fetchB(row % taken()));
  return fetchA(at * inner() + index % inner());
}`,
        ],
      });
    });
  },
});

/** Adds the first input's entries to zeros at the positions that `take` took them from: its gradient. */
registerGpuKernel('take_backward', {
  accepts: acceptsAnyIndices,
  run: async ({ inputs: [head, indices], outputs: [output], attributes }) => {
    if (!head || !indices || !output) return;
    const axis = numberOf(attributes, 'axis');
    const [size, inner] = [output.shape[axis] ?? 1, stridesOf(output.shape)[axis] ?? 1];
    const positions = (await readPositions(indices)).map((index) => Math.min(Math.max(index, 0), size - 1));
    withPositions(output.device, groupsOf(positions, size), ([starts, order]) => {
      if (!starts || !order) return;
      const type = elementTypeOf(output.dtype);
      const [begin, step, end] =
        type === 'f32'
          ? ['var lost: f32 = 0.0;', 'lost = lost + sumError(total, value);', 'withError(total, lost)']
          : ['', '', 'total'];
      launch(output, {
        name: `takeBackward_${starts.dtype}`,
        inputs: [head, starts, order],
        integers: { size, inner, taken: indices.size },
        code: [
          TWO_SUM,
          `fn element(index: i32) -> ${type} {
  let row: i32 = index / inner();
  let base: i32 = (row / size()) * taken();
  let stop: i32 = i32(fetchB(row % size() + 1));
  var total: ${type} = ${type === 'f32' ? '0.0' : '0'};
  ${begin}
  for (var i: i32 = i32(fetchB(row % size())); i < stop; i = i + 1) {
    let value: ${type} = fetchA((base + i32(fetchC(i))) * inner() + index % inner());
    ${step}
    total = total + value;
  }
  return store(${end});
}`,
        ],
      });
    });
  },
});

/** Of each row along the last axis the element that the second input names, clipped. */
registerGpuKernel('pick', {
  accepts: acceptsAnyIndices,
  run: async ({ inputs: [input, indices], outputs: [output] }) => {
    if (!input || !indices || !output) return;
    const width = input.shape.at(-1) ?? 1;
    const positions = (await readPositions(indices)).map((index) => Math.min(Math.max(index, 0), width - 1));
    withPositions(output.device, [positions], ([position]) => {
      if (!position) return;
      launch(output, {
        name: `pick_${position.dtype}`,
        inputs: [input, position],
        integers: { width },
        code: [
          `fn element(index: i32) -> ${elementTypeOf(output.dtype)} {
  return fetchA(index * width() + i32(fetchB(index)));
}`,
        ],
      });
    });
  },
});

/** A last axis of size `depth` that is 1 at each index; all 0 where it is out of range. */
registerGpuKernel('one_hot', {
  accepts: ({ inputs, outputs }) => inputs.every(({ size }) => size > 0) && outputs.every(({ isNative }) => isNative),
  run: async ({ inputs: [indices], outputs: [output], attributes }) => {
    if (!indices || !output) return;
    const depth = numberOf(attributes, 'depth');
    const positions = (await readPositions(indices)).map((index) => (index >= 0 && index < depth ? index : -1));
    withPositions(output.device, [positions], ([position]) => {
      if (!position) return;
      launch(output, {
        name: `oneHot_${position.dtype}`,
        inputs: [position],
        integers: { depth },
        code: [
          `fn element(index: i32) -> f32 {
  return select(0.0, 1.0, i32(fetchA(index / depth())) == index % depth());
}`,
        ],
      });
    });
  },
});

/** The second input where the first is not zero, else the third; all broadcast. */
registerGpuKernel('where', {
  run: ({ inputs: [condition, whenTrue, whenFalse], outputs: [output] }) => {
    if (!condition || !whenTrue || !whenFalse || !output) return;
    const inputs = [condition, whenTrue, whenFalse];
    const walks = broadcastWalks(
      inputs.map(({ shape }) => shape),
      output.shape,
    );
    const { name, code, integers } = walkCode(output.shape, walks, ['A', 'B', 'C']);
    const isTrue =
      elementTypeOf(condition.dtype) === 'f32' ? '(bitcast<u32>(chosen) & 0x7fffffffu) != 0u' : 'chosen != 0';
    launch(output, {
      name: `where_${name}`,
      inputs,
      integers,
      code: [
        code,
        `fn element(index: i32) -> ${elementTypeOf(output.dtype)} {
  let chosen: ${elementTypeOf(condition.dtype)} = fetchA(positionA(index));
  if (${isTrue}) { return fetchB(positionB(index)); }
  return fetchC(positionC(index));
}`,
      ],
    });
  },
});

/** Indices are few and read back, so that they may have any dtype. */
function acceptsAnyIndices({ inputs: [data, indices], outputs }: GpuCall): boolean {
  return [data, ...outputs].every((array) => array?.isNative) && (indices?.size ?? 0) > 0;
}

/** Which entries of `positions` name each of `size` rows: where its run starts in `order`, and the runs. */
function groupsOf(positions: Float64Array, size: number): [starts: Float64Array, order: Float64Array] {
  const starts = new Float64Array(size + 1);
  for (const position of positions) starts[position + 1] = (starts[position + 1] ?? 0) + 1;
  for (let row = 0; row < size; row++) starts[row + 1] = (starts[row + 1] ?? 0) + (starts[row] ?? 0);
  const next = starts.slice();
  const order = new Float64Array(positions.length);
  positions.forEach((position, i) => {
    const place = next[position] ?? 0;
    order[place] = i;
    next[position] = place + 1;
  });
  return [starts, order];
}
