import { refusing } from '../refusal.ts';
import { chromium, reportFault } from './double.ts';
import { KnownEvents } from './known-events.ts';

class PowerMonitor extends KnownEvents {
  constructor() {
    super('powerMonitor', [
      'lock-screen',
      'on-ac',
      'on-battery',
      'resume',
      'shutdown',
      'suspend',
      'thermal-state-change',
      'unlock-screen',
    ]);
  }
}

/** Tells what a test emits on it. */
export const powerMonitor = refusing('powerMonitor', new PowerMonitor());

/** What is opened outside must be foreseen by a test, as dialogs must. */
const outside =
  (name: string) =>
  async (target: string): Promise<never> => {
    reportFault(`shell.${name}(${JSON.stringify(target)}) was called and no test had an answer ready`);
    throw new Error('The double of Electron opens nothing outside.');
  };

export const shell = refusing('shell', {
  openExternal: outside('openExternal'),
  openPath: outside('openPath'),
  showItemInFolder: outside('showItemInFolder'),
  trashItem: outside('trashItem'),
  beep: (): void => {},
});

class NativeTheme extends KnownEvents {
  private source: 'system' | 'light' | 'dark' = 'system';

  constructor() {
    super('nativeTheme', ['updated']);
  }

  get themeSource(): 'system' | 'light' | 'dark' {
    return this.source;
  }

  set themeSource(source: 'system' | 'light' | 'dark') {
    this.source = source;
    const colorScheme = source === 'system' ? null : source;
    for (const page of chromium.context.pages()) page.emulateMedia({ colorScheme }).catch(() => {});
    this.emit('updated');
  }

  get shouldUseDarkColors(): boolean {
    return this.source === 'dark';
  }

  get shouldUseHighContrastColors(): boolean {
    return false;
  }
}

export const nativeTheme = refusing('nativeTheme', new NativeTheme());

let copied = '';
export const clipboard = refusing('clipboard', {
  readText: () => copied,
  writeText: (text: string): void => {
    copied = text;
  },
  clear: (): void => {
    copied = '';
  },
});
