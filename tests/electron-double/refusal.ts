/** What every name that the double does not have answers: never `undefined`, never a guess. */
export class RefusedByDouble extends Error {
  constructor(api: string) {
    super(
      `The double of Electron (tests/electron-double) has no ${api}: add it there as Electron documents it, or do without it.`,
    );
    this.name = 'RefusedByDouble';
  }
}

/** Asked by promises, inspectors and assertions of any object whatever. */
const ASKED_OF_EVERYTHING = new Set(['then', 'toJSON', 'asymmetricMatch', 'nodeType', 'inspect', '$$typeof']);

/** `target` with every unknown name refused, for reading and for writing; known ones may be replaced by a test. */
export function refusing<T extends object>(api: string, target: T): T {
  return new Proxy(target, {
    get(object, key, receiver) {
      if (typeof key === 'string' && !(key in object) && !ASKED_OF_EVERYTHING.has(key)) {
        throw new RefusedByDouble(`${api}.${key}`);
      }
      return Reflect.get(object, key, receiver);
    },
    set(object, key, value) {
      if (typeof key === 'string' && !(key in object)) throw new RefusedByDouble(`${api}.${key}`);
      return Reflect.set(object, key, value);
    },
  });
}

/** Refuses the options of `api` that are not in `known`. */
export function checkOptions(api: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new RefusedByDouble(`option ${key} of ${api}`);
  }
}

/** Refuses a value that Electron takes and the double cannot imitate. */
export function requireValue(api: string, value: unknown, allowed: readonly unknown[]): void {
  if (!allowed.includes(value)) throw new RefusedByDouble(`value ${JSON.stringify(value)} of ${api}`);
}

const proxies = new WeakMap<object, object>();

/** The refusing face of an object that hands itself out, the same one each time. */
export function faceOf<T extends object>(api: string, target: T): T {
  const known = proxies.get(target);
  if (known) return known as T;
  const face = refusing(api, target);
  proxies.set(target, face);
  return face;
}

/** A class whose instances and static members refuse unknown names. */
export function refusingClass<T extends new (...args: never[]) => object>(api: string, type: T): T {
  return new Proxy(type, {
    construct: (target, args, newTarget) => faceOf(api, Reflect.construct(target, args, newTarget) as object),
    get(target, key, receiver) {
      if (typeof key === 'string' && !(key in target) && !ASKED_OF_EVERYTHING.has(key)) {
        throw new RefusedByDouble(`${api}.${key}`);
      }
      return Reflect.get(target, key, receiver);
    },
  });
}
