/** The layers once more, in plain loops over numbers: what the tests compare with. */

export function dense(
  x: readonly number[],
  weight: readonly number[],
  { inUnits, bias = [] }: { readonly inUnits: number; readonly bias?: readonly number[] },
): number[] {
  const units = weight.length / inUnits;
  const result: number[] = [];
  for (let row = 0; row < x.length / inUnits; row++) {
    for (let unit = 0; unit < units; unit++) {
      let sum = bias[unit] ?? 0;
      for (let i = 0; i < inUnits; i++) sum += at(x, row * inUnits + i) * at(weight, unit * inUnits + i);
      result.push(sum);
    }
  }
  return result;
}

export interface Convolution {
  /** batch, channels, height, width */
  readonly image: readonly [number, number, number, number];
  /** channels, channels per group, height, width */
  readonly filter: readonly [number, number, number, number];
  readonly strides: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly bias: readonly number[];
}

export function conv2d(x: readonly number[], weight: readonly number[], options: Convolution): number[] {
  const [batch, channels, height, width] = options.image;
  const [filters, perGroup, kernelHeight, kernelWidth] = options.filter;
  const [outHeight, outWidth] = [outSize(0, height, kernelHeight), outSize(1, width, kernelWidth)];
  const result: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let f = 0; f < filters; f++)
      for (let row = 0; row < outHeight; row++)
        for (let column = 0; column < outWidth; column++) result.push(one(b, f, row, column));
  return result;

  function outSize(axis: 0 | 1, size: number, kernel: number): number {
    const reach = (kernel - 1) * options.dilation[axis] + 1;
    return Math.floor((size + 2 * options.padding[axis] - reach) / options.strides[axis]) + 1;
  }

  function one(b: number, f: number, row: number, column: number): number {
    const firstChannel = Math.floor(f / (filters / options.groups)) * perGroup;
    let sum = options.bias[f] ?? 0;
    for (let c = 0; c < perGroup; c++)
      for (let i = 0; i < kernelHeight; i++)
        for (let j = 0; j < kernelWidth; j++) {
          const y = row * options.strides[0] - options.padding[0] + i * options.dilation[0];
          const z = column * options.strides[1] - options.padding[1] + j * options.dilation[1];
          if (y < 0 || y >= height || z < 0 || z >= width) continue;
          const pixel = at(x, ((b * channels + firstChannel + c) * height + y) * width + z);
          sum += pixel * at(weight, ((f * perGroup + c) * kernelHeight + i) * kernelWidth + j);
        }
    return sum;
  }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of the population. */
export function variance(values: readonly number[]): number {
  const center = mean(values);
  return mean(values.map((value) => (value - center) ** 2));
}

/** `-log softmax(scores)` at `label`. */
export function crossEntropy(scores: readonly number[], label: number): number {
  const largest = Math.max(...scores);
  const sum = scores.reduce((total, score) => total + Math.exp(score - largest), 0);
  return Math.log(sum) + largest - at(scores, label);
}

export function rowsOf(values: readonly number[], width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}

export function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new Error(`There is no element ${index} among ${values.length}.`);
  return value;
}
