import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import type { DesktopApp, LaunchOptions } from './app-under-test.ts';
import { DoubleProcess } from './double-process.ts';
import { dropPaths } from './drop-paths.ts';
import { MainProcess } from './main-process.ts';
import { STEP_MS, watchProblems } from './page-problems.ts';
import type { UserFolder } from './user-folder.ts';

const OWN_PAGE = /^http:\/\/app\.parascope\.localhost:\d+\/$/;

/** The shell's built main process and preload on the double of Electron. */
export async function launchOnDouble(folder: UserFolder, options: LaunchOptions = {}): Promise<DoubledApp> {
  const app = new DoubledApp(folder, options);
  await app.start(options.files ?? []);
  return app;
}

class DoubledApp implements DesktopApp {
  readonly host = 'double';
  readonly #folder: UserFolder;
  readonly #options: LaunchOptions;
  readonly #problems: string[] = [];
  readonly main = new MainProcess((evaluated, argument) => this.#running.evaluate(evaluated, argument));
  #process: DoubleProcess | null = null;
  #browser: Browser | null = null;
  #page: Page | null = null;

  constructor(folder: UserFolder, options: LaunchOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  get page(): Page {
    if (!this.#page) throw new Error('The app is not running.');
    return this.#page;
  }

  get #running(): DoubleProcess {
    if (!this.#process) throw new Error('The app is not running.');
    return this.#process;
  }

  get ended(): Promise<number> {
    return this.#running.ended;
  }

  async start(files: readonly string[]): Promise<void> {
    const paths = files.map((name) => this.path(name));
    this.#process = new DoubleProcess(paths, this.#folder.environment);
    this.#browser = await chromium.connectOverCDP(await this.#process.ready);
    await this.pageAnew();
  }

  /** The page that the window has now: another one after the first crashed. */
  async pageAnew(): Promise<Page> {
    if (!this.#browser) throw new Error('The app is not running.');
    const page = await ownPage(this.#browser, this.#page);
    page.setDefaultTimeout(STEP_MS);
    watchProblems(page, this.#problems);
    await page.emulateMedia({ colorScheme: this.#options.colorScheme ?? 'light' });
    this.#page = page;
    return page;
  }

  async problems(): Promise<string[]> {
    const faults = await this.#running.faults();
    return [...this.#problems.splice(0), ...faults, ...this.#running.complaints];
  }

  put = (name: string, bytes: Uint8Array): string => this.#folder.put(name, bytes);
  path = (name: string): string => this.#folder.path(name);

  async open(button: string, ...names: readonly string[]): Promise<void> {
    await this.main.answerOpenDialog(names.map((name) => this.path(name)));
    await this.page.getByRole('button', { name: button }).click();
  }

  async saveAs(name: string): Promise<void> {
    await this.main.answerSaveDialog(this.path(name));
    await this.page.getByRole('button', { name: 'Save as…' }).click();
  }

  dropOnto = (target: Locator, name: string): Promise<void> => dropPaths(this.page, [this.path(name)], target);

  drop = (...names: readonly string[]): Promise<void> =>
    dropPaths(
      this.page,
      names.map((name) => this.path(name)),
    );

  async startAgain(...names: readonly string[]): Promise<number> {
    const paths = names.map((name) => this.path(name));
    return new DoubleProcess(paths, this.#folder.environment).ended;
  }

  async restart(how: 'end' | 'kill', files: readonly string[] = []): Promise<void> {
    await this.#stop(how);
    await this.start(files);
  }

  async close(): Promise<void> {
    await this.#stop('exit');
    this.#folder.dispose();
  }

  /** Quitting asks what there is to ask; exiting asks nobody; killing leaves no time for anything. */
  async #stop(how: 'end' | 'exit' | 'kill'): Promise<void> {
    await this.#browser?.close().catch(() => {});
    if (this.#running.hasEnded) return;
    if (how === 'end') await this.main.quit();
    else if (how === 'kill') await this.#running.kill('SIGKILL');
    else await this.main.evaluate(({ app }) => app.exit(), null).catch(() => {});
    await this.#running.ended;
  }
}

/** Attaching may come before a window has its address. */
async function ownPage(browser: Browser, before: Page | null): Promise<Page> {
  for (let tries = 0; tries < 200; tries++) {
    const pages = browser.contexts().flatMap((context) => context.pages());
    const found = pages.find((page) => page !== before && OWN_PAGE.test(page.url()));
    if (found) return found;
    await sleep(50);
  }
  throw new Error('The double shows no window of ours.');
}
