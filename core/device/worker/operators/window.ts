import { integersOf } from '../../attributes.ts';
import type { Attributes } from '../../protocol.ts';

/** How a window of `kernel` positions moves over the last two axes of an image. */
export interface WindowGeometry {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilate: readonly [number, number];
  readonly pad: readonly [number, number];
  /** Sizes of the image and of the grid of window positions. */
  readonly image: readonly [number, number];
  readonly grid: readonly [number, number];
}

export function windowGeometry(
  attributes: Attributes,
  sizes: {
    readonly kernel: readonly [number, number];
    readonly image: readonly [number, number];
    readonly grid: readonly [number, number];
  },
): WindowGeometry {
  return {
    ...sizes,
    stride: pair(attributes, 'stride', 1),
    dilate: pair(attributes, 'dilate', 1),
    pad: pair(attributes, 'pad', 0),
  };
}

export function pair(attributes: Attributes, name: string, missing: number): [number, number] {
  const [height = missing, width = missing] = integersOf(attributes, name, [missing, missing]);
  return [height, width];
}

/** The last two sizes. */
export function lastTwo(shape: readonly number[]): [number, number] {
  return [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
}

/**
 * Calls `visit` for each position of the kernel and of the grid that meets the image, not its padding:
 * with the kernel's position, the grid's and the image's, each counted in C order.
 */
export function walkWindows(
  { kernel, stride, dilate, pad: padding, image, grid }: WindowGeometry,
  visit: (kernel: number, grid: number, image: number) => void,
): void {
  for (let ky = 0; ky < kernel[0]; ky++) {
    for (let kx = 0; kx < kernel[1]; kx++) {
      for (let gy = 0; gy < grid[0]; gy++) {
        const y = gy * stride[0] + ky * dilate[0] - padding[0];
        if (y < 0 || y >= image[0]) continue;
        for (let gx = 0; gx < grid[1]; gx++) {
          const x = gx * stride[1] + kx * dilate[1] - padding[1];
          if (x >= 0 && x < image[1]) visit(ky * kernel[1] + kx, gy * grid[1] + gx, y * image[1] + x);
        }
      }
    }
  }
}
