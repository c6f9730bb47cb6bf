import { onTestFinished } from 'vitest';
import type { AppUnderTest, DesktopApp, Host, LaunchOptions } from './app-under-test.ts';
import { launchOnDouble } from './double.ts';
import { launchOnElectron } from './electron.ts';
import { launchOnServe } from './serve.ts';
import { UserFolder } from './user-folder.ts';

/** Set by the project that runs the spec (vitest.config.ts). */
export const host = hostOf(process.env.PARASCOPE_UI_HOST);

function hostOf(name: string | undefined): Host {
  if (name === 'electron' || name === 'serve' || name === 'double') return name;
  throw new Error('PARASCOPE_UI_HOST names no host: run the suite by its projects, such as --project ui-double.');
}

/** The files that a spec wants in the user's folder before the start. */
export interface Setting extends LaunchOptions {
  readonly put?: Readonly<Record<string, Uint8Array>>;
}

/** Starts Parascope for one test; it ends with the test. */
export async function launch(setting: Setting = {}): Promise<AppUnderTest> {
  return host === 'serve' ? prepared(setting, launchOnServe) : launchDesktop(setting);
}

/** For specs of what only a desktop has. */
export function launchDesktop(setting: Setting = {}): Promise<DesktopApp> {
  return prepared(setting, host === 'electron' ? launchOnElectron : launchOnDouble);
}

async function prepared<App extends AppUnderTest>(
  { put = {}, ...options }: Setting,
  start: (folder: UserFolder, options: LaunchOptions) => Promise<App>,
): Promise<App> {
  const folder = new UserFolder();
  for (const [name, bytes] of Object.entries(put)) folder.put(name, bytes);
  const app = await start(folder, options);
  onTestFinished(() => app.close());
  return app;
}
