import { expect, test } from 'vitest';
import { launchDesktop } from '../drivers/launch.ts';
import { chooseTensor, SAMPLE } from '../support/sample.ts';

// On the double alone: what Playwright presses in real Electron never reaches its menu, and it takes
// downloads into its own hands there.

test('keys that the page leaves alone reach the menu', async () => {
  const { page, main } = await launchDesktop({ put: { 'm.safetensors': SAMPLE }, files: ['m.safetensors'] });
  await chooseTensor(page, 'vision.projector.weight');
  const offersCells = async (): Promise<boolean> =>
    (await main.menu()).some(({ path, enabled }) => path === 'View > Cells' && enabled);
  await expect.poll(offersCells).toBe(true);
  await page.keyboard.press('Control+3');
  await page.getByRole('tab', { name: 'Cells', selected: true }).waitFor();
  await page.keyboard.press('Control+1');
  await page.getByRole('tab', { name: 'Overview', selected: true }).waitFor();
  const width = (): Promise<number> => page.evaluate(() => window.innerWidth);
  const before = await width();
  await page.keyboard.press('Control++');
  await expect.poll(width).toBeLessThan(before);
});

test('the page cannot save files by itself', async () => {
  const { page, main } = await launchDesktop();
  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await main.evaluate(({ session }) => {
    const prevented: boolean[] = [];
    Object.assign(globalThis, { parascopeTestDownloads: prevented });
    session.defaultSession.on('will-download', (event) => prevented.push(event.defaultPrevented));
  }, null);
  await page.evaluate(() => {
    const href = URL.createObjectURL(new Blob(['taken']));
    const link = Object.assign(document.createElement('a'), { href, download: 'taken.txt' });
    document.body.append(link);
    link.click();
    link.remove();
  });
  const prevented = (): Promise<boolean[]> =>
    main.evaluate(() => (globalThis as unknown as { parascopeTestDownloads: boolean[] }).parascopeTestDownloads, null);
  await expect.poll(prevented).toEqual([true]);
});
