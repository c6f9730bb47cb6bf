import type { WindowGeometry } from '../../operators/window.ts';
import type { Parameters } from '../program.ts';

/** The geometry of a window as parameters of a program. */
export function windowParameters({ kernel, stride, dilate, pad, image, grid }: WindowGeometry): Parameters {
  const pairs = { kernel, stride, dilate, pad, image, grid };
  return Object.fromEntries(
    Object.entries(pairs).flatMap(([name, [y, x]]) => [
      [`${name}Y`, y],
      [`${name}X`, x],
    ]),
  );
}

/**
 * `imageOf(kernel, grid)`: the position in the image that a position of the kernel meets, -1 in the
 * padding. `gridOf(kernel, image)`: the window whose kernel meets a position of the image there, -1 for
 * none. All count in C order.
 */
export const WINDOW = `
fn imageOf(kernel: i32, grid: i32) -> i32 {
  let y: i32 = (grid / gridX()) * strideY() + (kernel / kernelX()) * dilateY() - padY();
  let x: i32 = (grid % gridX()) * strideX() + (kernel % kernelX()) * dilateX() - padX();
  if (y < 0 || y >= imageY() || x < 0 || x >= imageX()) { return -1; }
  return y * imageX() + x;
}
fn gridOf(kernel: i32, image: i32) -> i32 {
  let y: i32 = image / imageX() + padY() - (kernel / kernelX()) * dilateY();
  let x: i32 = image % imageX() + padX() - (kernel % kernelX()) * dilateX();
  if (y < 0 || x < 0 || y % strideY() != 0 || x % strideX() != 0) { return -1; }
  if (y / strideY() >= gridY() || x / strideX() >= gridX()) { return -1; }
  return (y / strideY()) * gridX() + x / strideX();
}`;
