import type { DeviceSurvey } from '../../core/device/protocol.ts';
import { DeviceMemory } from '../../core/device/worker/device-memory.ts';
import { GpuMemory } from '../../core/device/worker/gpu/gpu-memory.ts';
import { Bench } from './bench.ts';
import { CASES } from './cases.ts';
import { Random } from './random.ts';

export interface Result {
  readonly name: string;
  /** Null where the case holds. */
  readonly error: string | null;
  readonly milliseconds: number;
}

export interface Report {
  readonly backends: readonly string[];
  readonly adapter: string;
  readonly results: readonly Result[];
  /** Operators that the processor ran in place of the GPU. */
  readonly fallbacks: readonly string[];
}

/** Runs all cases on the GPUs of this page or process, one after the other. */
export async function runConformance(only = ''): Promise<Report> {
  const fallbacks = new Set<string>();
  const losses: Bench['losses'] = [];
  const gpu = new GpuMemory({
    onLost: (devices, reason) => losses.push({ devices, reason }),
    onProcessor: (name) => fallbacks.add(name),
  });
  gpu.configure({ logicalGpus: 2 });
  const reference = new DeviceMemory(() => ({ devices: [], reason: null }));
  const bench = new Bench({ gpu, reference, fallbacks, losses });
  const { devices, reason } = (await gpu.answer({ kind: 'devices' })) as DeviceSurvey;
  if (devices.length === 0) throw new Error(`There is no GPU here: ${reason}.`);
  const results: Result[] = [];
  for (const [index, { name, run }] of CASES.entries()) {
    if (!name.includes(only)) continue;
    bench.random = new Random(index + 1);
    const start = performance.now();
    const error = await run(bench).then(
      () => null,
      (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
    );
    await bench.clear();
    results.push({ name, error, milliseconds: Math.round(performance.now() - start) });
  }
  const backends = devices.map(({ backend }) => backend);
  return { backends, adapter: devices[0]?.adapter ?? '', results, fallbacks: [...fallbacks].sort() };
}
