/**
 * Draws assets/icons/NxN.png from the icon of the page. Run it after renderer/public/icon.svg changes; a
 * test compares the sizes.
 *
 *   node scripts/make-icons.mjs
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findOrInstallChromium } from './find-chromium.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'assets', 'icons');
/** What Linux desktops look for, and 1024 from which the packager makes the icons of macOS and Windows. */
const SIZES = [16, 32, 48, 64, 128, 256, 512, 1024];

const executablePath = findOrInstallChromium();
if (!executablePath) throw new Error('Icons are drawn by Chromium: install it, or set CHROMIUM to its path.');
const svg = readFileSync(join(root, 'renderer', 'public', 'icon.svg'), 'utf8');
mkdirSync(target, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const size of SIZES) {
    const page = await browser.newPage({ viewport: { width: size, height: size }, deviceScaleFactor: 1 });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
    await page.screenshot({ path: join(target, `${size}x${size}.png`), omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
