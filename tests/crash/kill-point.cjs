/**
 * Loaded into a process that saves: from `armKillPoint(n)` on every change of the disk is counted, and the
 * n-th one kills the process (SIGKILL) in its place; of a write half has reached the file by then.
 * `armKillPoint(Infinity)` only counts. `killPoints()` tells how many there were.
 */
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const BY_PATH = ['rename', 'unlink', 'rm', 'link', 'symlink', 'copyFile', 'mkdir', 'writeFile', 'truncate', 'utimes'];
const BY_HANDLE = ['truncate', 'sync', 'datasync', 'chmod', 'chown', 'utimes', 'close'];
let at = Number.POSITIVE_INFINITY;
let count = 0;

globalThis.armKillPoint = async (n) => {
  at = n;
  const handle = await fs.promises.open(__filename);
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  for (const name of BY_PATH) wrap(fs.promises, name, () => {});
  wrap(
    fs.promises,
    'open',
    () => {},
    ([, flags]) => /[wa+]/.test(String(flags ?? 'r')),
  );
  for (const name of BY_HANDLE) wrap(prototype, name, () => {});
  wrap(prototype, 'write', (self, [bytes, offset = 0, length = bytes.length - offset, position = null]) => {
    fs.writeSync(self.fd, bytes, offset, Math.floor(length / 2), position);
  });
  wrap(prototype, 'writeFile', (self, [bytes]) => {
    const content = Buffer.from(bytes);
    fs.writeSync(self.fd, content, 0, Math.floor(content.length / 2));
  });
  syncBuiltinESMExports();
};
globalThis.killPoints = () => count;

/** `last` is what still reaches the disk; `counts` says which calls count. */
function wrap(target, name, last, counts = () => true) {
  const original = target[name];
  target[name] = function changing(...args) {
    if (counts(args)) {
      count += 1;
      if (count === at) {
        last(this, args);
        process.kill(process.pid, 'SIGKILL');
        // The signal comes at once; nothing more may happen until then.
        for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      }
    }
    return original.apply(this, args);
  };
}
