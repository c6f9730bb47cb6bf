import type { Page } from 'playwright-core';

/** How long one step of a spec may wait for what it expects, on a busy machine. */
export const STEP_MS = 15_000;

/** Collects the page's uncaught exceptions and console errors. */
export function watchProblems(page: Page, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
}
