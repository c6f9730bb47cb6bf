import { expect, test } from 'vitest';
import { launchDesktop } from '../drivers/launch.ts';
import type { MainProcess } from '../drivers/main-process.ts';
import { chooseTensor, SAMPLE } from '../support/sample.ts';

test('a page that has heard nothing from its host yet opens files by the dialog of the platform', async () => {
  const app = await launchDesktop({ put: { 'm.safetensors': SAMPLE } });
  const { page, main } = app;
  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await holdMessages(main);
  await page.reload();
  await app.open('Open…', 'm.safetensors');
  await deliverMessages(main);
  await chooseTensor(page, 'logit_scale');
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(await app.problems()).toEqual([]);
});

/** What main sends to its window from now on waits. */
async function holdMessages(main: MainProcess): Promise<void> {
  await main.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    if (!window) throw new Error('There is no window.');
    const { webContents } = window;
    const { send } = webContents;
    const held: Parameters<typeof send>[] = [];
    webContents.send = (...message) => {
      held.push(message);
    };
    const parascopeTestDeliver = (): void => {
      webContents.send = send;
      for (const message of held) webContents.send(...message);
    };
    Object.assign(globalThis, { parascopeTestDeliver });
  }, null);
}

async function deliverMessages(main: MainProcess): Promise<void> {
  await main.evaluate(
    () => (globalThis as unknown as { parascopeTestDeliver: () => void }).parascopeTestDeliver(),
    null,
  );
}
