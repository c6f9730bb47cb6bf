import type { Locator, Page } from 'playwright-core';

/** What tests do with the region "Parameter", by role and name alone. */
export class ParameterDriver {
  readonly page: Page;
  readonly region: Locator;

  constructor(page: Page) {
    this.page = page;
    this.region = page.getByRole('region', { name: 'Parameter' });
  }

  list(name: string): Locator {
    return this.page.getByRole('list', { name, exact: true }).getByRole('listitem');
  }

  get status(): Locator {
    return this.region.getByRole('status', { name: 'Initialization' });
  }

  async press(name: string): Promise<void> {
    await this.region.getByRole('button', { name, exact: true }).click();
  }

  async choose(gradReq: 'write' | 'add' | 'null'): Promise<void> {
    await this.region.getByRole('radiogroup', { name: 'grad_req' }).getByRole('radio', { name: gradReq }).check();
  }

  /** Fills the dialog that `button` opens; null where nothing has to be. */
  async ask(button: string, submit: string, fill: (dialog: Locator) => Promise<void>): Promise<void> {
    await this.press(button);
    const dialog = this.page.getByRole('dialog');
    await fill(dialog);
    await dialog.getByRole('button', { name: submit, exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** The gradient norms that a probe of `passes` passes shows, row by row. */
  async probe(passes: number): Promise<number[]> {
    await this.press('Probe…');
    const dialog = this.page.getByRole('dialog', { name: 'Probe' });
    await dialog.getByRole('spinbutton', { name: 'Passes' }).fill(String(passes));
    await dialog.getByRole('button', { name: 'Run' }).click();
    const rows = dialog.getByRole('table', { name: 'Probe results' }).getByRole('row');
    await rows.nth(passes * 2).waitFor();
    const texts = await rows.getByRole('cell').allTextContents();
    await dialog.getByRole('button', { name: 'Close' }).click();
    return texts.filter((_, i) => i % 5 === 4).map((text) => Number(text.replaceAll(',', '')));
  }

  async gradientNorms(): Promise<number[]> {
    const texts = await this.list('Gradient buffers').allTextContents();
    return texts.map((text) => Number(/norm ([-\d.e,]+)/.exec(text)?.[1]?.replaceAll(',', '')));
  }
}
