import type { PlannedFile, SavePlan } from '../contract.ts';
import { formatBytes } from './numbers.ts';

/** So much is written in a moment; more than that is worth a word before. */
const SMALL_BYTES = 64_000_000;

/** Whether a save is more than a small patch: it writes much, loses or unties something, or has no room. */
export function isWorthAsking({ fits, bytesToWrite, losses, shared }: SavePlan): boolean {
  return !fits || bytesToWrite > SMALL_BYTES || losses.length > 0 || shared.some(({ stays }) => !stays);
}

/** What happens to one file, after its name. */
export function describeFile({ action, size, newBytes, copiedBytes }: PlannedFile): string {
  switch (action) {
    case 'none':
      return 'stays as it is';
    case 'remove':
      return 'is removed, for it holds nothing any more';
    case 'patch-in-place':
      return `${formatBytes(newBytes)} are patched in place`;
    case 'copy-and-patch':
      return `is copied (${formatBytes(copiedBytes)}) and ${formatBytes(newBytes)} of it patched`;
    case 'rewrite-header':
      return `gets a new header within its padding; ${formatBytes(copiedBytes)} are copied`;
    case 'rewrite':
      return copiedBytes > 0
        ? `is rewritten: ${formatBytes(size)}, of which ${formatBytes(copiedBytes)} are copied`
        : `is written: ${formatBytes(size)}`;
  }
}

/** `12.3 MB of 40 GB free`. */
export function describeRoom({ diskNeeded, diskFree, fits }: SavePlan): string {
  if (diskFree === null) return 'none';
  return `${formatBytes(diskNeeded)} of ${formatBytes(diskFree)} free${fits ? '' : ': not enough'}`;
}
