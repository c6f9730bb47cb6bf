import type { NDArray } from './nd-array.ts';

/**
 * The L2 norm of `a - b` in float64, computed on the device of `a`. Both have one shape and dtype.
 * @throws DeviceLostError
 */
export async function l2Distance(a: NDArray, b: NDArray): Promise<number> {
  const { runtime } = a;
  const near = b.device.equals(a.device) ? b : b.copyTo(a.device);
  const results = runtime.invoke('l2_distance', [a, near], { outputs: [{ shape: [], dtype: 'float64' }] });
  try {
    const [values] = await Promise.all(results.map((result) => result.data()));
    return Number(values?.[0]);
  } finally {
    for (const result of results) result.dispose();
    if (near !== b) near.dispose();
  }
}
