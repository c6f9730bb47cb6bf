import { DeviceArray } from '../device-array.ts';
import { mean as meanOnProcessor } from '../reduce.ts';
import { take } from './cast.ts';
import { GpuArray } from './gpu-array.ts';
import { elementTypeOf } from './gpu-device.ts';
import { launch } from './launch.ts';
import { INPUT_NAMES } from './program.ts';
import { sumOfFloats } from './shaders/arithmetic.ts';

/** The elementwise mean of `sources` into `target`, of any devices of this worker: rounded as `mean` of the cpu. */
export async function mean(sources: readonly GpuArray[], target: GpuArray): Promise<void> {
  const [first] = sources;
  if (sources.length === 1 && first) {
    await take(first, target);
    return;
  }
  const beside: GpuArray[] = [];
  const own: GpuArray[] = [];
  for (const source of sources) {
    if (source.device === target.device) own.push(source);
    else {
      const copy = new GpuArray(target.device, source.dtype, source.shape);
      beside.push(copy);
      own.push(copy);
      await take(source, copy);
    }
  }
  if (own.length <= INPUT_NAMES.length && target.isNative && target.dtype !== 'int32') meanOnDevice(own, target);
  else await meanOfRead(own, target);
  for (const array of beside) array.dispose();
}

function meanOnDevice(sources: readonly GpuArray[], target: GpuArray): void {
  const fetches = INPUT_NAMES.slice(0, sources.length).map((name) => `fetch${name}(index)`);
  const isFloat = elementTypeOf(target.dtype) === 'f32';
  const code = isFloat ? meanOfFloats(fetches) : meanOfIntegers(fetches, target.dtype === 'bool');
  launch(target, { name: `mean${sources.length}`, inputs: sources, code });
}

function meanOfFloats([first = '', ...rest]: readonly string[]): readonly string[] {
  return sumOfFloats(first, rest, `/ ${rest.length + 1}.0`);
}

/** Exact, ties to even. */
function meanOfIntegers(fetches: readonly string[], isBool: boolean): readonly string[] {
  const terms = isBool ? fetches.map((fetch) => `select(0, 1, ${fetch} != 0)`) : fetches;
  const count = fetches.length;
  return [
    `fn element(index: i32) -> i32 {
  let sum: i32 = ${terms.join(' + ')};
  var quotient: i32 = sum / ${count};
  var rest: i32 = sum - quotient * ${count};
  if (rest < 0) {
    quotient = quotient - 1;
    rest = rest + ${count};
  }
  if (2 * rest > ${count} || (2 * rest == ${count} && (quotient & 1) == 1)) { quotient = quotient + 1; }
  return store(quotient);
}`,
  ];
}

async function meanOfRead(sources: readonly GpuArray[], target: GpuArray): Promise<void> {
  const elements: DeviceArray[] = [];
  for (const source of sources) elements.push(await source.readAll());
  const result = new DeviceArray(target.dtype, target.shape);
  meanOnProcessor(elements, result);
  for (const array of elements) array.dispose();
  target.adopt(result);
}
