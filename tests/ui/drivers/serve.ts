import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { dropFile, dropFileOnto, launchBrowser } from '../../e2e/browser.ts';
import { ServeProcess } from '../../e2e/serve-process.ts';
import type { AppUnderTest, LaunchOptions } from './app-under-test.ts';
import { STEP_MS, watchProblems } from './page-problems.ts';
import type { UserFolder } from './user-folder.ts';

/** `parascope serve` over the user's folder, and a browser window on it. */
export async function launchOnServe(folder: UserFolder, options: LaunchOptions = {}): Promise<AppUnderTest> {
  const app = new ServedApp(folder, options);
  await app.start(options.files ?? []);
  return app;
}

class ServedApp implements AppUnderTest {
  readonly host = 'serve';
  readonly #folder: UserFolder;
  readonly #options: LaunchOptions;
  readonly #serve: ServeProcess;
  readonly #problems: string[] = [];
  #browser: Browser | null = null;
  #context: BrowserContext | null = null;
  #page: Page | null = null;

  constructor(folder: UserFolder, options: LaunchOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#serve = new ServeProcess(folder.home);
  }

  get page(): Page {
    if (!this.#page) throw new Error('The app is not running.');
    return this.#page;
  }

  async start(files: readonly string[]): Promise<void> {
    await this.#serve.start(...files.map((name) => this.path(name)));
    this.#browser ??= await launchBrowser();
    this.#context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      colorScheme: this.#options.colorScheme ?? 'light',
    });
    this.#page = await this.#context.newPage();
    this.#page.setDefaultTimeout(STEP_MS);
    watchProblems(this.#page, this.#problems);
    await this.#page.goto(this.#serve.url);
  }

  async problems(): Promise<string[]> {
    return this.#problems.splice(0);
  }

  put = (name: string, bytes: Uint8Array): string => this.#folder.put(name, bytes);
  path = (name: string): string => this.#folder.path(name);

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
    this.#folder.dispose();
  }
}
