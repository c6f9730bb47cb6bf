/** What `ast.literal_eval` gives for the literals of NumPy's headers; a tuple is told from a list. */
export type PythonLiteral =
  | string
  | number
  | boolean
  | null
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly PythonLiteral[] }
  | { readonly kind: 'dict'; readonly entries: ReadonlyMap<string, PythonLiteral> };

/** Types nest in types; nobody's go as deep as this. */
const MAX_DEPTH = 32;

const KEYWORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
]);

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' };

/** Parses one literal and nothing behind it but white space; undefined where it is none. Nothing is evaluated. */
export function parsePythonLiteral(text: string): PythonLiteral | undefined {
  try {
    return new LiteralParser(text).whole();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

class LiteralParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): PythonLiteral {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail();
    return value;
  }

  #value(depth: number): PythonLiteral {
    if (depth > MAX_DEPTH) this.#fail();
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#dict(depth);
      case '[':
        return { kind: 'list', items: this.#items(']', depth).items };
      case '(':
        return this.#parenthesized(depth);
      case "'":
      case '"':
        return this.#string();
      default:
        return this.#atom();
    }
  }

  #dict(depth: number): PythonLiteral {
    const entries = new Map<string, PythonLiteral>();
    this.#at += 1;
    while (!this.#takes('}')) {
      const key = this.#value(depth + 1);
      if (typeof key !== 'string' || !this.#takes(':')) return this.#fail();
      entries.set(key, this.#value(depth + 1));
      if (this.#takes(',')) continue;
      if (this.#takes('}')) break;
      this.#fail();
    }
    return { kind: 'dict', entries };
  }

  /** Without a comma, parentheses only group. */
  #parenthesized(depth: number): PythonLiteral {
    const { items, hasComma } = this.#items(')', depth);
    const [only] = items;
    return items.length === 1 && !hasComma && only !== undefined ? only : { kind: 'tuple', items };
  }

  #items(close: string, depth: number): { items: PythonLiteral[]; hasComma: boolean } {
    const items: PythonLiteral[] = [];
    let hasComma = false;
    this.#at += 1;
    while (!this.#takes(close)) {
      items.push(this.#value(depth + 1));
      if (this.#takes(',')) hasComma = true;
      else if (this.#takes(close)) break;
      else this.#fail();
    }
    return { items, hasComma };
  }

  #string(): string {
    const quote = this.#text[this.#at];
    let value = '';
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at];
      if (char === quote) {
        this.#at += 1;
        return value;
      }
      value += char === '\\' ? this.#escape() : char;
    }
    return this.#fail();
  }

  /** Leaves the position at the last character of the escape. */
  #escape(): string {
    this.#at += 1;
    const simple = ESCAPES[this.#text[this.#at] ?? ''];
    if (simple !== undefined) return simple;
    const [whole, x, u, U] =
      /^(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8}))/i.exec(this.#text.slice(this.#at, this.#at + 9)) ?? [];
    const code = Number.parseInt(x ?? u ?? U ?? '', 16);
    if (whole === undefined || !(code <= 0x10ffff)) return this.#fail();
    this.#at += whole.length - 1;
    return String.fromCodePoint(code);
  }

  #atom(): PythonLiteral {
    const [word] = /^(?:-?\d+|[A-Za-z]+)/.exec(this.#text.slice(this.#at, this.#at + 32)) ?? [];
    if (word === undefined) return this.#fail();
    this.#at += word.length;
    const keyword = KEYWORDS.get(word);
    if (keyword !== undefined) return keyword;
    const number = Number(word);
    if (Number.isNaN(number)) return this.#fail();
    // Python 2 wrote long integers so.
    if (this.#text[this.#at] === 'L') this.#at += 1;
    return number;
  }

  #takes(char: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #fail(): never {
    throw new SyntaxError(`Not a literal at ${this.#at}.`);
  }
}
