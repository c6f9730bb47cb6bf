import { type Report, runConformance } from './run.ts';

/** The suite in a page of a browser: what the hidden window of the desktop shell runs on. */
declare global {
  interface Window {
    runConformance: (only?: string) => Promise<Report>;
  }
}

window.runConformance = runConformance;
