import { expect, test } from 'vitest';
import { launchDesktop } from '../drivers/launch.ts';
import { SAMPLE } from '../support/sample.ts';

test('the page has no Node, a frozen bridge, and no way out', async () => {
  const app = await launchDesktop();
  const { page } = app;
  const sample = page.getByRole('button', { name: 'Open the sample' });
  await sample.waitFor();
  const inPage = await page.evaluate(() => {
    const bridge = (window as unknown as { parascope: object }).parascope;
    return {
      node: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in window),
      frozen: Object.isFrozen(bridge),
      functions: Object.values(bridge).every((value) => typeof value === 'function'),
      policy: document.querySelector('meta[http-equiv]') === null,
    };
  });
  expect(inPage).toEqual({ node: [], frozen: true, functions: true, policy: true });

  const before = page.url();
  await page.evaluate(() => {
    window.location.href = 'https://example.invalid/';
  });
  await page.evaluate(() => window.open('https://example.invalid/'));
  await page.evaluate(() => {
    const link = Object.assign(document.createElement('a'), { href: 'https://example.invalid/', textContent: 'away' });
    document.body.append(link);
    link.click();
    link.remove();
  });
  await sample.waitFor();
  expect(page.url()).toBe(before);
  const windows = await app.main.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, null);
  expect(windows).toBe(1);
});

test('a page that was kept from going away still hears of what is opened', async () => {
  const app = await launchDesktop({ put: { 'm.safetensors': SAMPLE } });
  const { page, main } = app;
  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  await main.evaluate(({ BrowserWindow }) => {
    const parascopeTestRefused = new Promise<void>((resolve) => {
      BrowserWindow.getAllWindows()[0]?.webContents.once('will-navigate', () => resolve());
    });
    Object.assign(globalThis, { parascopeTestRefused });
  }, null);
  await page.evaluate(() => {
    window.location.href = 'https://example.invalid/';
  });
  await main.evaluate(
    () => (globalThis as unknown as { parascopeTestRefused: Promise<void> }).parascopeTestRefused,
    null,
  );
  await main.evaluate(({ app: electronApp }, path) => {
    electronApp.emit('open-file', { preventDefault: () => {} }, path);
  }, app.path('m.safetensors'));
  await page.getByRole('heading', { name: 'm.safetensors', level: 1 }).waitFor();
  expect(await app.problems()).toEqual([]);
});

test('foreign scripts, connections and frames are refused by the policy, permissions by the shell', async () => {
  const app = await launchDesktop();
  const { page } = app;
  await page.getByRole('button', { name: 'Open the sample' }).waitFor();
  const blocked = await page.evaluate(async () => {
    const directives: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => directives.push(event.effectiveDirective));
    await fetch('https://example.invalid/').catch(() => {});
    const script = Object.assign(document.createElement('script'), { textContent: 'window.taken = true' });
    const frame = Object.assign(document.createElement('iframe'), { src: 'https://example.invalid/' });
    document.body.append(script, frame);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { directives: directives.toSorted(), taken: 'taken' in window };
  });
  expect(blocked).toEqual({ directives: ['connect-src', 'frame-src', 'script-src-elem'], taken: false });
  const states = await page.evaluate(() =>
    Promise.all(
      ['camera', 'microphone', 'geolocation', 'notifications', 'clipboard-read', 'clipboard-write'].map(
        async (name) => {
          const { state } = await navigator.permissions.query({ name: name as PermissionName });
          return `${name} ${state}`;
        },
      ),
    ),
  );
  expect(states).toEqual([
    'camera denied',
    'microphone denied',
    'geolocation denied',
    'notifications denied',
    'clipboard-read denied',
    'clipboard-write granted',
  ]);
});
