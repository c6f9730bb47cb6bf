/**
 * One end of contextBridge. Worlds of a page share its DOM and nothing else, so calls travel as
 * CustomEvents, whose detail Chromium clones from world to world, at once: a call has its answer when
 * `dispatchEvent` returns. Functions and promises stay where they are and get numbers.
 */
type Bridged =
  | readonly ['value', unknown]
  | readonly ['function', number]
  | readonly ['promise', number]
  | readonly ['error', string]
  | readonly ['array', readonly Bridged[]]
  | readonly ['object', readonly (readonly [string, Bridged])[]];

type Note =
  | { readonly note: 'expose'; readonly key: string; readonly api: Bridged }
  | { readonly note: 'call'; readonly call: number; readonly target: number; readonly args: readonly Bridged[] }
  | { readonly note: 'answer'; readonly call: number; readonly result: Bridged; readonly threw: boolean }
  | { readonly note: 'settle'; readonly promise: number; readonly result: Bridged; readonly rejected: boolean };

type Callback = (...args: unknown[]) => unknown;
type Answer = Extract<Note, { readonly note: 'answer' }>;

interface Settlers {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class BridgePeer {
  readonly #outgoing: string;
  readonly #functions: Callback[] = [];
  readonly #numbers = new Map<Callback, number>();
  readonly #pending = new Map<number, Settlers>();
  readonly #answers = new Map<number, Answer>();
  readonly #expose: (key: string, api: unknown) => void;
  #calls = 0;
  #promises = 0;

  constructor(outgoing: string, incoming: string, expose: (key: string, api: unknown) => void) {
    this.#outgoing = outgoing;
    this.#expose = expose;
    window.addEventListener(incoming, (event) => {
      event.stopImmediatePropagation();
      this.#receive((event as CustomEvent<Note | null>).detail);
    });
  }

  expose(key: string, api: unknown): void {
    this.#send({ note: 'expose', key, api: this.#wrap(api) });
  }

  #send(note: Note): void {
    window.dispatchEvent(new CustomEvent(this.#outgoing, { detail: note }));
  }

  #receive(note: Note | null): void {
    // Chromium answers null for a detail that cannot be cloned.
    if (note === null) throw new Error('An object could not be cloned.');
    switch (note.note) {
      case 'expose':
        this.#expose(note.key, this.#unwrap(note.api));
        return;
      case 'call':
        this.#answer(note.call, note.target, note.args);
        return;
      case 'answer':
        this.#answers.set(note.call, note);
        return;
      case 'settle': {
        const settlers = this.#pending.get(note.promise);
        this.#pending.delete(note.promise);
        if (note.rejected) settlers?.reject(this.#unwrap(note.result));
        else settlers?.resolve(this.#unwrap(note.result));
      }
    }
  }

  #answer(call: number, target: number, args: readonly Bridged[]): void {
    try {
      const callback = this.#functions[target];
      if (!callback) throw new Error('This function is gone.');
      const result = this.#wrap(callback(...args.map((arg) => this.#unwrap(arg))));
      this.#send({ note: 'answer', call, result, threw: false });
    } catch (error) {
      this.#send({ note: 'answer', call, result: ['error', messageOf(error)], threw: true });
    }
  }

  #call(target: number, args: readonly unknown[]): unknown {
    const call = this.#calls++;
    this.#send({ note: 'call', call, target, args: args.map((arg) => this.#wrap(arg)) });
    const answer = this.#answers.get(call);
    this.#answers.delete(call);
    if (!answer) throw new Error('An object could not be cloned.');
    const result = this.#unwrap(answer.result);
    if (answer.threw) throw result;
    return result;
  }

  #wrap(value: unknown): Bridged {
    if (typeof value === 'function') return ['function', this.#numberOf(value as Callback)];
    if (value instanceof Promise) return this.#wrapPromise(value);
    if (value instanceof Error) return ['error', value.message];
    if (Array.isArray(value)) return ['array', value.map((item) => this.#wrap(item))];
    if (typeof value === 'object' && value !== null && isPlain(value)) {
      return ['object', Object.entries(value).map(([key, item]) => [key, this.#wrap(item)] as const)];
    }
    if (typeof value === 'symbol') throw new Error('An object could not be cloned.');
    return ['value', value];
  }

  #numberOf(callback: Callback): number {
    const known = this.#numbers.get(callback);
    if (known !== undefined) return known;
    const number = this.#functions.push(callback) - 1;
    this.#numbers.set(callback, number);
    return number;
  }

  #wrapPromise(promise: Promise<unknown>): Bridged {
    const number = this.#promises++;
    promise.then(
      (value) => this.#send({ note: 'settle', promise: number, result: this.#wrap(value), rejected: false }),
      (error: unknown) =>
        this.#send({ note: 'settle', promise: number, result: ['error', messageOf(error)], rejected: true }),
    );
    return ['promise', number];
  }

  #unwrap(bridged: Bridged): unknown {
    switch (bridged[0]) {
      case 'value':
        return bridged[1];
      case 'error':
        return new Error(bridged[1]);
      case 'function':
        return (...args: unknown[]) => this.#call(bridged[1], args);
      case 'promise':
        return new Promise((resolve, reject) => {
          this.#pending.set(bridged[1], { resolve, reject });
        });
      case 'array':
        return bridged[1].map((item) => this.#unwrap(item));
      case 'object':
        return Object.fromEntries(bridged[1].map(([key, item]) => [key, this.#unwrap(item)]));
    }
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
