import type { NDArray } from '../device/nd-array.ts';
import { InvalidArgumentError } from '../errors.ts';
import { tidy } from '../symbol/tidy.ts';
import { Block } from './block.ts';

/** Gluon's `nn.Sequential`: Blocks one after the other, called `0`, `1`, … . */
export class Sequential extends Block {
  constructor(...blocks: readonly Block[]) {
    super();
    this.add(...blocks);
  }

  /** Appends `blocks`. */
  add(...blocks: readonly Block[]): this {
    for (const block of blocks) this.registerChild(block);
    return this;
  }

  get length(): number {
    return this.children.size;
  }

  /** The Block at `index`, counted from the end where it is negative. @throws InvalidArgumentError where there is none. */
  at(index: number): Block {
    const block = [...this.children.values()].at(index);
    if (block) return block;
    throw new InvalidArgumentError(`There is no Block ${index} among the ${this.length} of a Sequential.`);
  }

  [Symbol.iterator](): Iterator<Block> {
    return this.children.values();
  }

  /** The output of each Block is the input of the next. */
  override forward(input: NDArray): NDArray {
    return tidy(() => {
      let x = input;
      for (const block of this) x = block.forward(x);
      return x;
    });
  }
}
