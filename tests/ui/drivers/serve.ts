import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Locator } from 'playwright-core';
import { dropFile, dropFileOnto, launchBrowser } from '../../e2e/browser.ts';
import { ServeProcess } from '../../e2e/serve-process.ts';
import { AppPage } from './app-page.ts';
import type { AppUnderTest, LaunchOptions } from './app-under-test.ts';
import type { UserFolder } from './user-folder.ts';

/** `parascope serve` over the user's folder, and a browser window on it. */
export async function launchOnServe(folder: UserFolder, options: LaunchOptions = {}): Promise<AppUnderTest> {
  const app = new ServedApp(folder, options);
  await app.start(options.files ?? []);
  return app;
}

class ServedApp extends AppPage implements AppUnderTest {
  readonly host = 'serve';
  readonly #serve: ServeProcess;
  #browser: Browser | null = null;
  #context: BrowserContext | null = null;

  constructor(folder: UserFolder, options: LaunchOptions) {
    super(folder, options);
    this.#serve = new ServeProcess(folder.home);
  }

  async start(files: readonly string[]): Promise<void> {
    await this.#serve.start(...this.paths(files));
    this.#browser ??= await launchBrowser();
    this.#context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme: this.colorScheme,
    });
    this.adopt(await this.#context.newPage());
    await this.page.goto(this.#serve.url);
  }

  async open(button: string, ...names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.page.getByRole('button', { name: button }).click();
      const dialog = this.page.getByRole('dialog', { name: 'Open a checkpoint' });
      await dialog.getByText(name, { exact: true }).first().click();
      await dialog.waitFor({ state: 'hidden' });
    }
  }

  async saveAs(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Save as…' }).click();
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /name/i }).fill(name);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  async drop(...names: readonly string[]): Promise<void> {
    await dropFile(this.page, ...names.map((name) => ({ name, bytes: readFileSync(this.path(name)) })));
  }

  async dropOnto(target: Locator, name: string): Promise<void> {
    await dropFileOnto(target, { name, bytes: readFileSync(this.path(name)) });
  }

  async restart(how: 'end' | 'kill', files: readonly string[] = []): Promise<void> {
    await this.#context?.close();
    await this.#serve.kill(how === 'end' ? 'SIGTERM' : 'SIGKILL');
    await this.start(files);
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.#serve.kill();
    this.folder.dispose();
  }
}
