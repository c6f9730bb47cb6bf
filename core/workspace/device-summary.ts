import type { DeviceInfo } from '../device/device-info.ts';
import type { DeviceSummary } from './summary.ts';

export function summarizeDevice({ device, limits, ...info }: DeviceInfo): DeviceSummary {
  const { backend, adapter, driver, software, memory, memoryBudget, held } = info;
  const { maxArrayBytes } = limits;
  return { device: String(device), backend, adapter, driver, software, memory, memoryBudget, held, maxArrayBytes };
}
