import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { DesktopApp, LaunchOptions } from './app-under-test.ts';
import { DesktopPage } from './desktop-page.ts';
import { DoubleProcess } from './double-process.ts';
import { MainProcess } from './main-process.ts';
import type { UserFolder } from './user-folder.ts';

const OWN_PAGE = /^http:\/\/app\.parascope\.localhost:\d+\/$/;

/** The shell's built main process and preload on the double of Electron. */
export async function launchOnDouble(folder: UserFolder, options: LaunchOptions = {}): Promise<DoubledApp> {
  const app = new DoubledApp(folder, options);
  await app.start(options.files ?? []);
  return app;
}

class DoubledApp extends DesktopPage implements DesktopApp {
  readonly host = 'double';
  readonly main = new MainProcess((evaluated, argument) => this.#running.evaluate(evaluated, argument));
  #process: DoubleProcess | null = null;
  #browser: Browser | null = null;

  get #running(): DoubleProcess {
    if (!this.#process) throw new Error('The app is not running.');
    return this.#process;
  }

  get ended(): Promise<number> {
    return this.#running.ended;
  }

  async start(files: readonly string[]): Promise<void> {
    this.#process = new DoubleProcess(this.paths(files), this.folder.environment);
    this.#browser = await chromium.connectOverCDP(await this.#process.ready);
    await this.pageAnew();
  }

  /** The page that the window has now: another one after the first crashed. */
  async pageAnew(): Promise<Page> {
    if (!this.#browser) throw new Error('The app is not running.');
    const page = await ownPage(this.#browser, this.shown);
    this.adopt(page);
    await page.emulateMedia({ colorScheme: this.colorScheme });
    return page;
  }

  override async problems(): Promise<string[]> {
    const faults = await this.#running.faults();
    return [...(await super.problems()), ...faults, ...this.#running.complaints];
  }

  async startAgain(...names: readonly string[]): Promise<number> {
    return new DoubleProcess(this.paths(names), this.folder.environment).ended;
  }

  async restart(how: 'end' | 'kill', files: readonly string[] = []): Promise<void> {
    await this.#stop(how);
    await this.start(files);
  }

  async close(): Promise<void> {
    await this.#stop('exit');
    this.folder.dispose();
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
