import type { BrowserWindowConstructorOptions } from 'electron';
import { checkOptions, requireValue } from '../refusal.ts';

export type WebPreferences = NonNullable<BrowserWindowConstructorOptions['webPreferences']>;

/** Those that only take away (`spellcheck`, `navigateOnDragDrop`) or keep going (`backgroundThrottling`) change nothing in a headless page. */
const PREFERENCES = [
  'preload',
  'sandbox',
  'contextIsolation',
  'nodeIntegration',
  'nodeIntegrationInSubFrames',
  'nodeIntegrationInWorker',
  'webviewTag',
  'webSecurity',
  'allowRunningInsecureContent',
  'experimentalFeatures',
  'navigateOnDragDrop',
  'spellcheck',
  'backgroundThrottling',
] as const;

/** The double's pages have no Node and a preload in an isolated world: it can imitate no other kind. */
export function checkPreferences(preferences: WebPreferences): void {
  checkOptions('webPreferences', preferences, PREFERENCES);
  const { sandbox = true, contextIsolation = true, nodeIntegration = false } = preferences;
  requireValue('webPreferences.sandbox', sandbox, [true]);
  requireValue('webPreferences.contextIsolation', contextIsolation, [true]);
  requireValue('webPreferences.nodeIntegration', nodeIntegration, [false]);
  requireValue('webPreferences.nodeIntegrationInWorker', preferences.nodeIntegrationInWorker ?? false, [false]);
  requireValue('webPreferences.nodeIntegrationInSubFrames', preferences.nodeIntegrationInSubFrames ?? false, [false]);
  requireValue('webPreferences.webSecurity', preferences.webSecurity ?? true, [true]);
  requireValue('webPreferences.webviewTag', preferences.webviewTag ?? false, [false]);
  requireValue('webPreferences.experimentalFeatures', preferences.experimentalFeatures ?? false, [false]);
}
