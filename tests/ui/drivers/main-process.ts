import type Electron from 'electron';

type ElectronModule = typeof Electron;

/** Runs a function in the main process, with the module `electron` and a plain argument. */
export type Evaluate = <Result, Argument>(
  evaluated: (electron: ElectronModule, argument: Argument) => Result | Promise<Result>,
  argument: Argument,
) => Promise<Result>;

export interface MenuEntry {
  /** Labels from the menu bar down, joined by ` > `. */
  readonly path: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly accelerator: string | null;
}

/** What a person sees and does outside of the page: dialogs, the menu, the window's frame. */
export class MainProcess {
  readonly evaluate: Evaluate;

  constructor(evaluate: Evaluate) {
    this.evaluate = evaluate;
  }

  /** The next open dialog answers these paths; null cancels it. */
  async answerOpenDialog(paths: readonly string[] | null): Promise<void> {
    await this.evaluate(({ dialog }, answer) => {
      const before = dialog.showOpenDialog;
      dialog.showOpenDialog = async () => {
        dialog.showOpenDialog = before;
        return { canceled: answer === null, filePaths: [...(answer ?? [])] };
      };
    }, paths);
  }

  async answerSaveDialog(path: string | null): Promise<void> {
    await this.evaluate(({ dialog }, answer) => {
      const before = dialog.showSaveDialog;
      dialog.showSaveDialog = async () => {
        dialog.showSaveDialog = before;
        return { canceled: answer === null, filePath: answer ?? '' };
      };
    }, path);
  }

  /** The next message box: its buttons are remembered, and the one that is named here is pressed. */
  async answerMessageBox(button: string): Promise<void> {
    await this.evaluate(({ dialog }, wanted) => {
      const before = dialog.showMessageBox;
      dialog.showMessageBox = (async (...args: unknown[]) => {
        dialog.showMessageBox = before;
        const { buttons = [] } = args.at(-1) as { buttons?: string[] };
        const response = buttons.findIndex((label) => label.replaceAll('&', '') === wanted);
        if (response < 0) throw new Error(`No button ${wanted} among ${buttons.join(', ')}.`);
        return { response, checkboxChecked: false };
      }) as typeof dialog.showMessageBox;
    }, button);
  }

  /** Collects error boxes in the place of showing them; `takeErrors` reads them. */
  async collectErrors(): Promise<void> {
    await this.evaluate(({ dialog }) => {
      const shown: string[] = [];
      Object.assign(globalThis, { parascopeTestErrors: shown });
      dialog.showErrorBox = (title, content) => {
        shown.push(`${title}: ${content}`);
      };
    }, null);
  }

  takeErrors(): Promise<string[]> {
    return this.evaluate(
      () => (globalThis as unknown as { parascopeTestErrors: string[] }).parascopeTestErrors.splice(0),
      null,
    );
  }

  menu(): Promise<MenuEntry[]> {
    return this.evaluate(({ Menu }) => {
      const list = (menu: Electron.Menu | null, above: string): MenuEntry[] =>
        (menu?.items ?? []).flatMap((item) => {
          const label = item.label.replace(/&(?!&)/, '').replaceAll('&&', '&');
          const path = above === '' ? label : `${above} > ${label}`;
          const { enabled, checked, accelerator = null } = item;
          const shown = item.type === 'separator' || !item.visible ? [] : [{ path, enabled, checked, accelerator }];
          return [...shown, ...list(item.submenu ?? null, path)];
        });
      return list(Menu.getApplicationMenu(), '');
    }, null);
  }

  async clickMenu(path: string): Promise<void> {
    await this.evaluate(({ Menu, BrowserWindow }, wanted) => {
      const find = (menu: Electron.Menu | null, labels: readonly string[]): Electron.MenuItem | undefined => {
        const [first, ...rest] = labels;
        const shown = (item: Electron.MenuItem): string => item.label.replace(/&(?!&)/, '').replaceAll('&&', '&');
        const item = menu?.items.find((candidate) => shown(candidate) === first);
        return rest.length === 0 ? item : find(item?.submenu ?? null, rest);
      };
      const item = find(Menu.getApplicationMenu(), wanted.split(' > '));
      if (!item?.enabled) throw new Error(`The menu has no enabled item ${wanted}.`);
      const window = BrowserWindow.getAllWindows().find((candidate) => candidate.isVisible());
      (item.click as (event: object, window: unknown, contents: unknown) => void)({}, window, window?.webContents);
    }, path);
  }

  /** Closes the window as its frame's button does. */
  async closeWindow(): Promise<void> {
    await this.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) if (window.isVisible()) window.close();
    }, null);
  }

  async quit(): Promise<void> {
    await this.evaluate(({ app }) => app.quit(), null);
  }
}
