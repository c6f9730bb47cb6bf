/** A value of a JSON text with its place, so that parts of the text can be replaced and the rest stays as it is. */
export type JsonText = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly items: readonly JsonText[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'other' }
);

export interface JsonMember {
  readonly key: string;
  /** Where the key begins; the member ends with its value. */
  readonly start: number;
  readonly end: number;
  readonly value: JsonText;
}

export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Nesting beyond any model. */
export const MAX_DEPTH = 1000;

/** Finds the places of all values in a text that `JSON.parse` accepts. @throws SyntaxError where it is nested too deeply */
export function placesInJson(text: string): JsonText {
  return new Scanner(text).value(0);
}

export function memberOf(node: JsonText | undefined, key: string): JsonText | undefined {
  return node?.kind === 'object' ? node.members.findLast((member) => member.key === key)?.value : undefined;
}

export function itemsOf(node: JsonText | undefined): readonly JsonText[] {
  return node?.kind === 'array' ? node.items : [];
}

class Scanner {
  #at = 0;

  constructor(readonly text: string) {}

  value(depth: number): JsonText {
    if (depth > MAX_DEPTH) throw new SyntaxError(`The JSON is nested more than ${MAX_DEPTH} deep.`);
    this.#space();
    const start = this.#at;
    switch (this.text[start]) {
      case '{': {
        const members = this.#list('}', () => this.#member(depth));
        return { kind: 'object', start, end: this.#at, members };
      }
      case '[': {
        const items = this.#list(']', () => this.value(depth + 1));
        return { kind: 'array', start, end: this.#at, items };
      }
      case '"': {
        const value = this.#string();
        return { kind: 'string', start, end: this.#at, value };
      }
      default:
        while (this.#at < this.text.length && !/[\s,\]}]/.test(this.text.charAt(this.#at))) this.#at++;
        return { kind: 'other', start, end: this.#at };
    }
  }

  #member(depth: number): JsonMember {
    this.#space();
    const start = this.#at;
    const key = this.#string();
    this.#space();
    this.#at++;
    const value = this.value(depth + 1);
    return { key, start, end: value.end, value };
  }

  /** What stands between the brackets, of which the first is next. */
  #list<T>(close: string, next: () => T): T[] {
    const found: T[] = [];
    this.#at++;
    for (this.#space(); this.text[this.#at] !== close && this.#at < this.text.length; this.#space()) {
      found.push(next());
      this.#space();
      if (this.text[this.#at] === ',') this.#at++;
    }
    this.#at++;
    return found;
  }

  #string(): string {
    const start = this.#at++;
    while (this.text[this.#at] !== '"' && this.#at < this.text.length) this.#at += this.text[this.#at] === '\\' ? 2 : 1;
    this.#at++;
    return JSON.parse(this.text.slice(start, this.#at));
  }

  #space(): void {
    while (/\s/.test(this.text.charAt(this.#at))) this.#at++;
  }
}

/** Takes items out of a list, or members out of an object, with the commas that go with them. */
export function removals(
  container: { readonly start: number },
  parts: readonly { readonly start: number; readonly end: number }[],
  isGone: (index: number) => boolean,
): Replacement[] {
  const last = parts.findLastIndex((_, index) => !isGone(index));
  const found: Replacement[] = [];
  for (const [index, { start }] of parts.entries()) {
    if (index < last && isGone(index)) found.push({ start, end: parts[index + 1]?.start ?? start, text: '' });
  }
  const end = parts.at(-1)?.end ?? 0;
  if (last < parts.length - 1) found.push({ start: parts[last]?.end ?? container.start + 1, end, text: '' });
  return found;
}

/** The text with its replacements, of which none overlap. */
export function replaced(text: string, replacements: readonly Replacement[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: inserted } of replacements.toSorted((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, start), inserted);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
