import { queryError, type Span } from './query-error.ts';

/** A word, or one of the alternatives that commas part. */
export interface Item extends Span {
  readonly text: string;
  readonly quoted: boolean;
}

const SPACE = /\s+/y;
const WORD = /\S+/y;
const KEY = /([a-z][a-z0-9_]*)(>=|<=|==|!=|[><=:])/iy;
/** Brackets keep their commas: `[4096,*]`. */
const ALTERNATIVE = /(?:\[[^\]\s]*\]|[^\s,])*/y;
const EXPRESSION = /\/\S+\/i?(?=\s|$)/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;

/** Goes through the text of a query from left to right. */
export class QueryCursor {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** False at the end. */
  nextWord(): boolean {
    this.#take(SPACE);
    return this.position < this.text.length;
  }

  /** A minus before something that can be negated. */
  takeMinus(): boolean {
    if (!/^-\S/.test(this.text.slice(this.position, this.position + 2))) return false;
    this.position += 1;
    return true;
  }

  /** `size>=` and its like, if the word begins so; nothing is taken where `isKey` does not know it. */
  takeKey(
    isKey: (name: string, operator: string) => boolean,
  ): { readonly name: string; readonly operator: string } | null {
    const start = this.position;
    const [, name = '', operator = ''] = this.#take(KEY) ?? [];
    if (name !== '' && isKey(name, operator)) return { name, operator };
    this.position = start;
    return null;
  }

  /** The rest of the word where it is a regular expression between slashes. */
  takeExpression(): Item | null {
    const start = this.position;
    const text = this.#take(EXPRESSION)?.[0];
    return text === undefined ? null : { text, quoted: false, start, end: this.position };
  }

  /** The rest of the word, quoted or up to the next space. */
  takeWord(): Item {
    const start = this.position;
    if (this.text[start] === '"') return this.#takeQuoted();
    const text = this.#take(WORD)?.[0] ?? '';
    return { text, quoted: false, start, end: this.position };
  }

  /** What commas part, up to the next space; each may be quoted. */
  takeAlternatives(): Item[] {
    const items = [this.#takeAlternative()];
    while (this.text[this.position] === ',') {
      this.position += 1;
      items.push(this.#takeAlternative());
    }
    if (this.position < this.text.length && !/\s/.test(this.text[this.position] ?? '')) {
      throw queryError('After a closing quote comes a space or a comma.', {
        start: this.position,
        end: this.text.length,
      });
    }
    return items;
  }

  #takeAlternative(): Item {
    const start = this.position;
    if (this.text[start] === '"') return this.#takeQuoted();
    const text = this.#take(ALTERNATIVE)?.[0] ?? '';
    return { text, quoted: false, start, end: this.position };
  }

  #takeQuoted(): Item {
    const start = this.position;
    const found = this.#take(QUOTED);
    if (!found) throw queryError('The quote is not closed.', { start, end: this.text.length });
    return { text: (found[1] ?? '').replace(/\\(.)/gs, '$1'), quoted: true, start, end: this.position };
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (found) this.position += found[0].length;
    return found;
  }
}

/** `text` so that a cursor reads it back as one quoted item. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
