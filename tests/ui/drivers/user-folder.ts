import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A home of its own for one program under test: the user's files, and the program's state. */
export class UserFolder {
  readonly home = mkdtempSync(join(tmpdir(), 'parascope-ui-'));
  readonly files = join(this.home, 'models');
  readonly userData = join(this.home, 'user-data');

  constructor() {
    mkdirSync(this.files);
    mkdirSync(join(this.home, 'tmp'));
  }

  get environment(): Record<string, string> {
    const inherited = Object.entries(process.env).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    );
    return {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      HOME: this.home,
      // What a killed program leaves is removed with the folder.
      TMPDIR: join(this.home, 'tmp'),
      XDG_CONFIG_HOME: join(this.home, 'config'),
      PARASCOPE_STATE: join(this.home, 'state'),
    };
  }

  put(name: string, bytes: Uint8Array): string {
    writeFileSync(this.path(name), bytes);
    return this.path(name);
  }

  path(name: string): string {
    return join(this.files, name);
  }

  dispose(): void {
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}
