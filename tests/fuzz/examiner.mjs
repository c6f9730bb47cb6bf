import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));
const GUARD = fileURLToPath(new URL('./guard.cjs', import.meta.url));
const MEBIBYTE = 1024 * 1024;

/** Of the child's own time; a machine that is busy with other things counts for nothing. */
export const MAX_CPU_MS = 10_000;
/** On top of what the file has. */
export const MAX_EXTRA_BYTES = 512 * MEBIBYTE;
/** Without an answer for this long nothing will come any more, however busy the machine is. */
const MAX_WAIT_MS = 90_000;
const POLL_MS = 250;
/** Threads and caches of a long run are not of the file looked at. */
const INPUTS_PER_CHILD = 400;

/** A process that looks at hostile files in a sandbox, started anew where it dies or hangs. */
export class Examiner {
  #sandbox = mkdtempSync(join(tmpdir(), 'parascope-fuzz-'));
  #child = null;
  #done = 0;
  #count = 0;

  constructor() {
    for (const name of ['in', 'out', 'state', 'scratch', 'home']) mkdirSync(join(this.#sandbox, name));
  }

  /** What the files of one checkpoint (`files`: bytes by name) do to Parascope: faults, errors, time, memory. */
  async examine({ files, main }, { seed = 1, saves = 0.3 } = {}) {
    this.#count += 1;
    const folder = join(this.#sandbox, 'in', String(this.#count));
    mkdirSync(folder);
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    const size = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    const result = await this.#ask({ path: join(folder, main), seed, saves });
    rmSync(folder, { recursive: true, force: true });
    if (result.cpuMs > MAX_CPU_MS) result.faults.push({ fault: `${result.cpuMs} ms of work` });
    if (result.extraBytes > size + MAX_EXTRA_BYTES)
      result.faults.push({ fault: `${result.extraBytes} bytes of memory` });
    return result;
  }

  async close() {
    await this.#end();
    rmSync(this.#sandbox, { recursive: true, force: true });
  }

  async #start() {
    const notes = join(this.#sandbox, 'notes');
    writeFileSync(notes, '');
    const child = fork(CHILD, [], {
      execArgv: ['--require', GUARD, '--max-old-space-size=1024'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        HOME: join(this.#sandbox, 'home'),
        PARASCOPE_SCRATCH: join(this.#sandbox, 'scratch'),
        PARASCOPE_SCRATCH_LIMIT: String(128 * MEBIBYTE),
        PARASCOPE_FUZZ_SANDBOX: this.#sandbox,
        PARASCOPE_FUZZ_NOTES: notes,
        PARASCOPE_FUZZ_BYTES: String(MAX_EXTRA_BYTES),
      },
    });
    child.lines = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      child.lines = (child.lines + text).slice(-4000);
    });
    this.#child = child;
    this.#done = 0;
    await this.#answer(() => null);
  }

  async #ask(request) {
    if (!this.#child || this.#done >= INPUTS_PER_CHILD) {
      await this.#end();
      await this.#start();
    }
    this.#done += 1;
    this.#child.send(request);
    const { pid } = this.#child;
    const cpu = cpuOf(pid);
    const answer = await this.#answer(() => (cpuOf(pid) - cpu > 2 * MAX_CPU_MS ? 'hangs, working' : null));
    if (answer.faults) return answer;
    const { lines } = this.#child;
    await this.#end();
    return { faults: [{ fault: `the process ${answer.fault}`, stack: lines }], errors: [], cpuMs: 0, extraBytes: 0 };
  }

  /** The child's next message, or how it failed to send one. */
  #answer(check) {
    const child = this.#child;
    const started = Date.now();
    return new Promise((resolve) => {
      const settle = (answer) => {
        clearInterval(timer);
        child.off('message', settle);
        child.off('exit', died);
        resolve(answer);
      };
      const died = (code, signal) => settle({ fault: `died (${signal ?? `status ${code}`})` });
      const timer = setInterval(() => {
        const fault = check() ?? (Date.now() - started > MAX_WAIT_MS ? 'hangs, waiting' : null);
        if (fault !== null || residentOf(child.pid) > 4 * MAX_EXTRA_BYTES)
          settle({ fault: fault ?? 'takes all memory' });
      }, POLL_MS);
      child.on('message', settle);
      child.on('exit', died);
    });
  }

  async #end() {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}

/** Milliseconds that a process has worked; 0 where the system does not tell. */
function cpuOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

function residentOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}
