import type { Page } from 'playwright-core';
import type { LaunchOptions } from './app-under-test.ts';
import type { UserFolder } from './user-folder.ts';

/** How long one step of a spec may wait for what it expects, on a busy machine. */
const STEP_MS = 15_000;

/** What the programs of all hosts share: the user's folder, the window's page, and what goes wrong in it. */
export class AppPage {
  protected readonly folder: UserFolder;
  protected readonly colorScheme: 'light' | 'dark';
  readonly #problems: string[] = [];
  /** Null before the first window. */
  protected shown: Page | null = null;

  constructor(folder: UserFolder, { colorScheme = 'light' }: LaunchOptions) {
    this.folder = folder;
    this.colorScheme = colorScheme;
  }

  get page(): Page {
    if (!this.shown) throw new Error('The app is not running.');
    return this.shown;
  }

  put = (name: string, bytes: Uint8Array): string => this.folder.put(name, bytes);
  path = (name: string): string => this.folder.path(name);
  paths = (names: readonly string[]): string[] => names.map((name) => this.path(name));

  /** Uncaught exceptions and console errors of the pages so far; they are told once. */
  async problems(): Promise<string[]> {
    return this.#problems.splice(0);
  }

  /** From here on `page` is the window's. */
  protected adopt(page: Page): void {
    page.setDefaultTimeout(STEP_MS);
    page.on('pageerror', (error) => this.#problems.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#problems.push(message.text());
    });
    this.shown = page;
  }
}
