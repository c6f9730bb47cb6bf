import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findChromium } from './find-chromium.mjs';

/** Distributions start Chromium by a script elsewhere. */
const FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/usr/lib64/chromium-browser', '/opt/google/chrome'];

/**
 * What must be set in the environment of a Node process so that Dawn finds SwiftShader, the GPU in
 * software that lies beside Chromium's binary; null where it is not on this machine.
 */
export function findSwiftShader() {
  const chromium = findChromium();
  const beside = chromium ? [dirname(realpathSync(chromium))] : [];
  const parts = ['vk_swiftshader_icd.json', 'libvk_swiftshader.so', 'libvulkan.so.1'];
  const folder = [...beside, ...FOLDERS].find((place) => parts.every((part) => existsSync(join(place, part))));
  if (!folder) return null;
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return { LD_LIBRARY_PATH: libraries, VK_DRIVER_FILES: join(folder, 'vk_swiftshader_icd.json') };
}
