import type { InitializerSpec } from './registry.ts';

/** The attribute whose initializer, where there is one, sets an array by its weight rule whatever the name is. */
export const INIT_ATTRIBUTE = '__init__';

export interface InitAttributes {
  readonly [INIT_ATTRIBUTE]?: InitializerSpec | '' | undefined;
  readonly [name: string]: unknown;
}

/** What an initializer is told of the array that it sets: MXNet's InitDesc, a name with attributes. */
export class InitDesc {
  readonly name: string;
  readonly attrs: InitAttributes;
  /** The initializer of the whole model; the one that is applied first where nobody set it. */
  globalInit: InitializerSpec | null;

  constructor(name: string, attrs: InitAttributes = {}, globalInit: InitializerSpec | null = null) {
    this.name = name;
    this.attrs = attrs;
    this.globalInit = globalInit;
  }

  toString(): string {
    return this.name;
  }
}
