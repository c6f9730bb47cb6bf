import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { ProcessLink } from '../../../core/device/process-link.ts';
import type { DeviceRuntime, DeviceRuntimeOptions } from '../../../core/device/runtime.ts';
import { openRuntime } from './runtimes.ts';

/** What the double does beside being there; see gpu-double.process.mjs. */
export type DoubleBehaviour = 'none' | 'crash' | 'lose' | '';

const PROCESS = new URL('./gpu-double.process.mjs', import.meta.url);

export interface DoubleRuntime {
  readonly runtime: DeviceRuntime;
  /** Every process that was started, in order. */
  readonly processes: readonly ChildProcess[];
  /** Ends the one that runs, as a crash of the driver would. */
  kill(): Promise<void>;
}

/** A runtime whose gpus are doubles in a forked process. It is closed when the test file ends. */
export function doubleRuntime(
  options: Omit<DeviceRuntimeOptions, 'startGpu'> & { readonly behaviour?: DoubleBehaviour } = {},
): DoubleRuntime {
  const { behaviour = '', logicalGpus = 2, ...rest } = options;
  const processes: ChildProcess[] = [];
  const startGpu = () => {
    const child = fork(PROCESS, {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, DOUBLE: behaviour },
    });
    processes.push(child);
    return new ProcessLink(child);
  };
  const runtime = openRuntime({ ...rest, logicalGpus, startGpu });
  const kill = async (): Promise<void> => {
    const child = processes.at(-1);
    if (!child) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  return { runtime, processes, kill };
}
