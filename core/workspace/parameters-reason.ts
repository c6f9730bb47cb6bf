import { type Device, formatDevices } from '../device/device.ts';
import { type DType, isPacked } from '../ndarray/dtype.ts';
import type { Parameter } from '../parameter/parameter.ts';

/** Where a Parameter's copies have their value from; `isChanged`: some were written to since. */
export type Origin =
  | { readonly kind: 'none' }
  /** They were dropped because the document's value changed under them. */
  | { readonly kind: 'outdated' }
  | { readonly kind: 'file'; readonly isChanged: boolean }
  | { readonly kind: 'drawn'; readonly initializer: string; readonly isChanged: boolean };

interface Subject {
  readonly parameter: Parameter;
  readonly origin: Origin;
}

/** Why the Parameter is as it is, and what would finish its initialization. `dtype` is the document's. */
export function reasonOf(
  { parameter, origin }: Subject,
  { file, dtype }: { readonly file: string; readonly dtype: DType },
): string {
  const survivor = parameter.copies().find(({ lost }) => !lost);
  if (hasLost(parameter) && survivor) {
    const gone = parameter.copies().filter(({ lost }) => lost);
    return `${listOf(gone.map(({ device }) => device))} lost what was there; Restore copies the value from ${survivor.device}.`;
  }
  if (hasLost(parameter)) {
    return `The worker of its devices died and took the copies along; Restore reads them from ${file} again.`;
  }
  switch (origin.kind) {
    case 'file':
      return `Loaded from ${file}.${changeOf(origin)}`;
    case 'drawn':
      return `Initialized by ${origin.initializer}; the document still holds the value of ${file}.${changeOf(origin)}`;
    case 'outdated':
      return 'The value was edited after it was loaded; load it again.';
    case 'none':
      return unread(parameter, file, dtype);
  }
}

export function hasLost(parameter: Parameter): boolean {
  return parameter.copies().some(({ lost }) => lost);
}

function changeOf({ isChanged }: { readonly isChanged: boolean }): string {
  return isChanged ? ' Its copies were changed since.' : '';
}

function unread(parameter: Parameter, file: string, dtype: DType): string {
  if (isPacked(dtype)) {
    return `The value is in ${file}. Its elements share bytes (${dtype}): cast it first, for example to float32, to load it.`;
  }
  return `The value is in ${file} and has not been read; Load reads it onto ${listOf(parameter.listDevice())}.`;
}

/** `cpu(0)`, or `[cpu(0), cpu(1)]` as Gluon's messages have it. */
function listOf(devices: readonly Device[]): string {
  return devices.length === 1 ? String(devices[0]) : formatDevices(devices);
}
