import { Menu } from 'electron';
import { SHELL_COMMANDS, type ShellState } from '../../../core/api/shell.ts';
import { INITIAL_STATE, isChecked, isEnabled } from './commands.ts';
import { type MenuActions, menuTemplate, type RecentItem } from './template.ts';

/** The installed menu: follows what the page says of itself and the list of recent files. */
export class ApplicationMenu {
  readonly #platform: NodeJS.Platform;
  readonly #actions: MenuActions;
  #state = INITIAL_STATE;
  #recent: readonly RecentItem[] = [];
  #menu: Menu;

  constructor(platform: NodeJS.Platform, actions: MenuActions) {
    this.#platform = platform;
    this.#actions = actions;
    this.#menu = this.#install();
  }

  get state(): ShellState {
    return this.#state;
  }

  /** Changes the items where they stand: a menu that is open stays open. */
  follow(state: ShellState): void {
    this.#state = state;
    for (const command of SHELL_COMMANDS) {
      const item = this.#menu.getMenuItemById(command);
      if (!item) continue;
      item.enabled = isEnabled(command, state);
      if (item.type === 'radio' && isChecked(command, state)) item.checked = true;
    }
  }

  /** Items cannot be added to a menu that is installed, so there will be a new one. */
  showRecent(recent: readonly RecentItem[]): void {
    this.#recent = recent;
    this.#menu = this.#install();
  }

  #install(): Menu {
    const template = menuTemplate({
      platform: this.#platform,
      state: this.#state,
      recent: this.#recent,
      actions: this.#actions,
    });
    const menu = Menu.buildFromTemplate(template);
    Menu.setApplicationMenu(menu);
    return menu;
  }
}
