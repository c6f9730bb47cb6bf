import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { readonly type: 'major'; readonly execution: 'async' }) => Promise<void>;

let collect: Collect | null = null;
let isUnderWay = false;

/**
 * Asks for a garbage collection soon. To V8 an array on a device is an object of a few bytes, so a loop
 * that drops large ones would run out of device memory before V8 saw a reason to look for them.
 */
export function requestCollection(): void {
  if (isUnderWay) return;
  isUnderWay = true;
  void collector()({ type: 'major', execution: 'async' }).finally(() => {
    isUnderWay = false;
  });
}

/** V8 has this function in contexts that are made while the flag is set. */
function collector(): Collect {
  if (collect) return collect;
  setFlagsFromString('--expose-gc');
  const found: Collect = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  collect = found;
  return found;
}
