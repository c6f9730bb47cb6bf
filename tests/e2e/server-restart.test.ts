import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, test } from 'vitest';
import { launchBrowser, openWindow } from './browser.ts';
import { ServeProcess } from './serve-process.ts';

const serve = new ServeProcess();

beforeAll(() => {
  mkdirSync(serve.root);
});
afterAll(() => serve.dispose());

test('a page whose server was started anew says what to do, instead of trying for ever', async () => {
  await serve.start();
  const browser = await launchBrowser();
  const { page } = await openWindow(browser, serve.url);
  const { port } = new URL(serve.url);
  await serve.kill('SIGKILL');
  await page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor();
  await serve.start('--port', port);
  await page
    .getByRole('alert')
    .filter({ hasText: /started anew: open the address/ })
    .waitFor();
  await browser.close();
});
