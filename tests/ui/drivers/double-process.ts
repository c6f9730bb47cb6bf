import { type ChildProcess, spawn } from 'node:child_process';
import type { ControlAnswer, ControlRequest } from '../../electron-double/host/control.ts';
import type { Evaluate } from './main-process.ts';

type Question = ControlRequest extends infer Request
  ? Request extends { id: number }
    ? Omit<Request, 'id'>
    : never
  : never;

/** The desktop's main process on the double of Electron. */
export class DoubleProcess {
  readonly ended: Promise<number>;
  /** Resolves with the DevTools endpoint of its windows once the app is ready. */
  readonly ready: Promise<string>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: ControlAnswer) => void>();
  #questions = 0;
  #stderr = '';

  constructor(files: readonly string[], environment: Record<string, string>) {
    this.#child = spawn(process.execPath, ['tests/electron-double/run.mjs', ...files], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code) => resolve(code ?? -1));
    });
    this.ready = new Promise((resolve, reject) => {
      this.#child.on('message', (answer: ControlAnswer) => {
        if ('ready' in answer) resolve(answer.ready);
        else this.#waiting.get(answer.id)?.(answer);
      });
      this.#child.once('exit', (code) => reject(new Error(`The shell ended with status ${code}: ${this.#stderr}`)));
    });
    this.ready.catch(() => {});
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What it said on stderr, without the double's own greeting and the rest of stacks. */
  get complaints(): string[] {
    return this.#stderr.split('\n').filter((line) => line !== '' && !/^(\*\*\*|\s|\})/.test(line));
  }

  readonly evaluate: Evaluate = async (evaluated, argument) =>
    (await this.#ask({ kind: 'evaluate', source: String(evaluated), argument })) as never;

  async faults(): Promise<string[]> {
    return (await this.#ask({ kind: 'faults' })) as string[];
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.ended;
  }

  #ask(question: Question): Promise<unknown> {
    const id = this.#questions++;
    return new Promise((resolve, reject) => {
      this.ended.then((status) => reject(new Error(`The shell ended with status ${status}.`)));
      this.#waiting.set(id, (answer) => {
        this.#waiting.delete(id);
        if ('error' in answer) reject(new Error(answer.error));
        else resolve('value' in answer ? answer.value : undefined);
      });
      this.#child.send({ ...question, id }, (error) => error && reject(error));
    });
  }
}
