import type { DesktopBridge } from './contract.ts';

declare global {
  interface Window {
    /**
     * Put there by the desktop's preload; absent in a browser. By it the page knows where it is before its host has
     * answered anything.
     */
    readonly parascope?: DesktopBridge<File>;
  }
}
