import { Constant as ConstantClass, One as OneClass, Zero as ZeroClass } from './constant.ts';
import { Load as LoadClass } from './load.ts';
import { Mixed as MixedClass } from './mixed.ts';
import { Orthogonal as OrthogonalClass } from './orthogonal.ts';
import { Normal as NormalClass, Uniform as UniformClass } from './random.ts';
import { RNNFused as RNNFusedClass } from './rnn-fused.ts';
import { Bilinear as BilinearClass, LSTMBias as LSTMBiasClass } from './structured.ts';
import { MSRAPrelu as MSRAPreluClass, Xavier as XavierClass } from './xavier.ts';

/**
 * All initializers. As under MXNet each can be called: `Xavier({ magnitude: 2 })` is
 * `new Xavier({ magnitude: 2 })`. Who needs `createInitializer` imports it from here, where the
 * built-in names are registered.
 */

export { INIT_ATTRIBUTE, type InitAttributes, InitDesc } from './init-desc.ts';
export { Initializer, type PrintFunction } from './initializer.ts';
export type { LoadInitializerOptions } from './load.ts';
export type { OrthogonalOptions } from './orthogonal.ts';
export { setSeed } from './random-stream.ts';
export {
  alias,
  createInitializer,
  createInitializer as create,
  type InitializerClass,
  type InitializerConfig,
  type InitializerSpec,
  isInitializer,
  register,
} from './registry.ts';
export type { RNNFusedOptions } from './rnn-fused.ts';
export type { MSRAPreluOptions, XavierOptions } from './xavier.ts';

type Callable<Args extends readonly unknown[], T> = (new (...args: Args) => T) & ((...args: Args) => T);

/** The class itself for `new`, `extends` and `instanceof`, which can also be called. */
function callable<Args extends readonly unknown[], T>(type: new (...args: Args) => T): Callable<Args, T> {
  const call = { apply: (target: typeof type, _this: unknown, args: unknown[]): T => Reflect.construct(target, args) };
  return new Proxy(type, call) as Callable<Args, T>;
}

export const Zero = callable(ZeroClass);
export type Zero = ZeroClass;
export const One = callable(OneClass);
export type One = OneClass;
export const Constant = callable(ConstantClass);
export type Constant = ConstantClass;
export const Uniform = callable(UniformClass);
export type Uniform = UniformClass;
export const Normal = callable(NormalClass);
export type Normal = NormalClass;
export const Xavier = callable(XavierClass);
export type Xavier = XavierClass;
export const MSRAPrelu = callable(MSRAPreluClass);
export type MSRAPrelu = MSRAPreluClass;
export const Orthogonal = callable(OrthogonalClass);
export type Orthogonal = OrthogonalClass;
export const Bilinear = callable(BilinearClass);
export type Bilinear = BilinearClass;
export const LSTMBias = callable(LSTMBiasClass);
export type LSTMBias = LSTMBiasClass;
export const RNNFused = callable(RNNFusedClass);
export type RNNFused = RNNFusedClass;
export const Mixed = callable(MixedClass);
export type Mixed = MixedClass;
export const Load = callable(LoadClass);
export type Load = LoadClass;
