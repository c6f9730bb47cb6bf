import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { InvalidArgumentError } from '../errors.ts';

/**
 * Where journals and the list of recent files live: `PARASCOPE_STATE` where it is set, else the
 * platform's folder for such things (XDG base directory specification on Linux).
 */
export function stateDirectory(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const chosen = environment.PARASCOPE_STATE;
  if (chosen) {
    if (!isAbsolute(chosen)) {
      throw new InvalidArgumentError(`PARASCOPE_STATE must be an absolute path, not '${chosen}'.`);
    }
    return chosen;
  }
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Parascope');
  if (platform === 'win32') return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Parascope');
  const state = environment.XDG_STATE_HOME;
  return join(state && isAbsolute(state) ? state : join(homedir(), '.local', 'state'), 'parascope');
}
