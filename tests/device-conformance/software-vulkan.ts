import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findChromium } from '../../scripts/find-chromium.mjs';

/** Debian's Chromium is started by a script elsewhere. */
const FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser'];
const DRIVER = 'vk_swiftshader_icd.json';

/**
 * What makes Dawn find a Vulkan driver where the machine has no GPU: SwiftShader, which comes with
 * Chromium. Null where there is none; a driver that the environment names is used as it is.
 */
export function softwareVulkan(): Readonly<Record<string, string>> | null {
  if (process.env.VK_DRIVER_FILES) return {};
  const chromium = findChromium();
  const folders = [...(chromium ? [dirname(realpathSync(chromium))] : []), ...FOLDERS];
  const folder = folders.find((candidate) => existsSync(join(candidate, DRIVER)));
  if (!folder) return null;
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  return { LD_LIBRARY_PATH: libraries, VK_DRIVER_FILES: join(folder, DRIVER) };
}
