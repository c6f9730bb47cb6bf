import type { DesktopBridge } from './contract.ts';

declare global {
  interface Window {
    /** Put there by the desktop's preload; absent in a browser. */
    readonly parascope?: DesktopBridge<File>;
  }
}
