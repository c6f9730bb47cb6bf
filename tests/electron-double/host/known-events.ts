import { EventEmitter } from 'node:events';
import { RefusedByDouble } from '../refusal.ts';

type Listener = Parameters<EventEmitter['on']>[1];

/** An emitter that refuses to listen for an event of which the double does not know. */
export class KnownEvents extends EventEmitter {
  private readonly apiName: string;
  private readonly eventNamesKnown: ReadonlySet<string>;

  constructor(apiName: string, events: readonly string[]) {
    super();
    this.apiName = apiName;
    this.eventNamesKnown = new Set(events);
  }

  override on(event: string | symbol, listener: Listener): this {
    return super.on(this.checked(event), listener);
  }

  override addListener(event: string | symbol, listener: Listener): this {
    return super.addListener(this.checked(event), listener);
  }

  override once(event: string | symbol, listener: Listener): this {
    return super.once(this.checked(event), listener);
  }

  override prependListener(event: string | symbol, listener: Listener): this {
    return super.prependListener(this.checked(event), listener);
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    return super.emit(this.checked(event), ...args);
  }

  private checked(event: string | symbol): string | symbol {
    if (typeof event === 'string' && !this.eventNamesKnown.has(event)) {
      throw new RefusedByDouble(`event '${event}' of ${this.apiName}`);
    }
    return event;
  }
}

export interface Preventable {
  preventDefault(): void;
  readonly defaultPrevented: boolean;
}

/** Electron's event objects: what they tell, and a default that can be prevented. */
export function preventable<T extends object>(details: T): T & Preventable {
  let defaultPrevented = false;
  return Object.defineProperties({ ...details } as T & Preventable, {
    preventDefault: {
      value: () => {
        defaultPrevented = true;
      },
    },
    defaultPrevented: { get: () => defaultPrevented },
  });
}
