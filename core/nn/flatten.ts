import type { NDArray } from '../device/nd-array.ts';
import { Layer } from './layer.ts';

/** Gluon's `nn.Flatten`: all axes but the first become one. */
export class Flatten extends Layer {
  protected override compute(x: NDArray): NDArray {
    return x.flatten();
  }

  override toString(): string {
    return 'Flatten';
  }
}
