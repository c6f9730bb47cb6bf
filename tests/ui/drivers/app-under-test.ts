import type { Locator, Page } from 'playwright-core';
import type { MainProcess } from './main-process.ts';

/** Where the suite runs: real Electron, `parascope serve` in Chromium, or the shell on the double of Electron. */
export type Host = 'electron' | 'serve' | 'double';

export interface LaunchOptions {
  /** Names of files in the folder of the test, opened by the command line. */
  readonly files?: readonly string[];
  readonly colorScheme?: 'light' | 'dark';
}

/**
 * Parascope as its user has it in front of him: one window, and the folder with his files. Specs find
 * everything in the page by role and accessible name; what a host does outside of the page is here.
 */
export interface AppUnderTest {
  readonly host: Host;
  /** The window's page; another one after `restart`. */
  readonly page: Page;
  /** Uncaught exceptions and console errors of the page, and what went wrong around it. */
  problems(): Promise<string[]>;
  /** Writes a file into the user's folder; answers its path. */
  put(name: string, bytes: Uint8Array): string;
  path(name: string): string;
  /** Presses `button` and chooses files of the folder in the dialog that the host shows for it. */
  open(button: string, ...names: readonly string[]): Promise<void>;
  /** Presses Save as… and names the target in the dialog that the host shows for it. */
  saveAs(name: string): Promise<void>;
  /** Drops files of the folder on the window. */
  drop(...names: readonly string[]): Promise<void>;
  /** Drops one on what is in the page. */
  dropOnto(target: Locator, name: string): Promise<void>;
  /** Ends the program, or kills it, where it still runs, and starts it anew on the same state. */
  restart(how: 'end' | 'kill', files?: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** What only a desktop has. */
export interface DesktopApp extends AppUnderTest {
  readonly main: MainProcess;
  /** A second start of the program with these files; resolves with its exit status. */
  startAgain(...names: readonly string[]): Promise<number>;
  /** Resolves with the program's exit status. */
  readonly ended: Promise<number>;
}
