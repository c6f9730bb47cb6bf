import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DeviceRuntime } from '../../../core/device/runtime.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const ROUNDS_WITHOUT_CHANGE = 3;

/**
 * How many arrays the device holds once nothing more is collected: what earlier tests dropped must
 * not be freed in the middle of a count.
 */
export async function settledArrays(runtime: DeviceRuntime): Promise<number> {
  let { arrays } = await runtime.census();
  for (let unchanged = 0; unchanged < ROUNDS_WITHOUT_CHANGE; ) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const now = (await runtime.census()).arrays;
    unchanged = now === arrays ? unchanged + 1 : 0;
    arrays = now;
  }
  return arrays;
}
