import { cpu } from './device.ts';
import type { NDArray } from './nd-array.ts';

/**
 * The L2 norm of `a - b` in float64, computed on a cpu: that of `a`, or cpu(0). Both have one shape and dtype.
 * @throws DeviceLostError
 */
export async function l2Distance(a: NDArray, b: NDArray): Promise<number> {
  const { runtime } = a;
  const place = a.device.type === 'cpu' ? a.device : cpu();
  const [first, second] = [a, b].map((array) => (array.device.equals(place) ? array : array.copyTo(place)));
  const near = [first ?? a, second ?? b];
  const results = runtime.invoke('l2_distance', near, { outputs: [{ shape: [], dtype: 'float64' }] });
  try {
    const [values] = await Promise.all(results.map((result) => result.data()));
    return Number(values?.[0]);
  } finally {
    for (const result of results) result.dispose();
    for (const array of near) if (array !== a && array !== b) array.dispose();
  }
}
