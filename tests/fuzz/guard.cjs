/**
 * Loaded before everything else into a process that looks at hostile files, and into its threads: notes
 * every file opened outside the allowed folders, every program started, every connection, every
 * allocation beyond the limit. A note is a line in the file PARASCOPE_FUZZ_NOTES.
 */
const childProcess = require('node:child_process');
const dgram = require('node:dgram');
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');
const { resolve } = require('node:path');
const { fileURLToPath } = require('node:url');

const { PARASCOPE_FUZZ_NOTES: notes, PARASCOPE_FUZZ_SANDBOX: sandbox, PARASCOPE_FUZZ_BYTES: bytes } = process.env;
const root = resolve(__dirname, '../..');
const limit = Number(bytes);
const out = fs.openSync(notes, 'a');
const { writeSync } = fs;
const readable = [sandbox, root, fs.realpathSync(`${root}/node_modules`), '/proc/', '/sys/', '/dev/null'];

function note(what, detail) {
  writeSync(out, `${what} ${detail}\n`);
}

function watchPath(path, mayWrite) {
  if (typeof path !== 'string' && !(path instanceof URL) && !Buffer.isBuffer(path)) return;
  const real = resolve(path instanceof URL ? fileURLToPath(path) : String(path));
  const allowed = mayWrite ? [sandbox, '/proc/self/clear_refs'] : readable;
  if (!allowed.some((prefix) => real.startsWith(prefix))) note(mayWrite ? 'wrote' : 'read', real);
}

const writes = (flags) => (typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/.test(flags ?? 'r'));

/** Methods whose first (and second) argument is a path that is written. */
const WRITERS = [
  'writeFile',
  'appendFile',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'rmdir',
  'unlink',
  'truncate',
  'symlink',
  'link',
  'cp',
].concat(['chmod', 'chown', 'utimes']);
const READERS = ['readFile', 'readdir', 'opendir', 'readlink'];

function wrap(target, name, before) {
  const original = target[name];
  if (typeof original !== 'function') return;
  target[name] = function watched(...args) {
    before(args);
    return original.apply(this, args);
  };
}

for (const api of [fs, fs.promises]) {
  for (const name of ['open', 'openSync']) wrap(api, name, ([path, flags]) => watchPath(path, writes(flags)));
  for (const name of ['createReadStream']) wrap(api, name, ([path]) => watchPath(path, false));
  for (const name of ['createWriteStream']) wrap(api, name, ([path]) => watchPath(path, true));
  for (const name of READERS)
    for (const form of [name, `${name}Sync`]) wrap(api, form, ([path]) => watchPath(path, false));
  for (const name of WRITERS) {
    for (const form of [name, `${name}Sync`]) {
      wrap(api, form, ([path, other]) => {
        watchPath(path, true);
        if (name === 'rename' || name === 'link') watchPath(other, true);
      });
    }
  }
  for (const form of ['copyFile', 'copyFileSync']) {
    wrap(api, form, ([from, to]) => {
      watchPath(from, false);
      watchPath(to, true);
    });
  }
}
for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
  wrap(childProcess, name, ([command]) => note('ran', command));
}
wrap(net.Socket.prototype, 'connect', ([where]) => note('connected', JSON.stringify(where)));
wrap(dgram.Socket.prototype, 'send', () => note('connected', 'by datagram'));
wrap(process, 'dlopen', ([, path]) => note('loaded', path));
for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow']) wrap(Buffer, name, ([size]) => watchSize(size, name));
for (const name of [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Uint8Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
]) {
  const original = globalThis[name];
  const watched = new Proxy(original, {
    construct(target, args, newTarget) {
      watchSize(Number(args[0]) * (target.BYTES_PER_ELEMENT ?? 1), name);
      return Reflect.construct(target, args, newTarget === watched ? target : newTarget);
    },
  });
  globalThis[name] = watched;
}
syncBuiltinESMExports();

function watchSize(size, name) {
  if (size > limit) note('allocated', `${size} bytes (${name})`);
}
