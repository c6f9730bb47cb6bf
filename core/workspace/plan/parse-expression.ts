import { InvalidArgumentError } from '../../errors.ts';
import { type BinaryFunction, type Expression, UNARY_FUNCTIONS, type UnaryFunction } from '../../ndarray/expression.ts';

/** What an expression names: the tensor that it is worked out for, one of this document, or one that has a short name. */
export type Operand =
  | { readonly kind: 'this' }
  | { readonly kind: 'tensor'; readonly name: string }
  | { readonly kind: 'alias'; readonly alias: string };

interface Token {
  readonly kind: 'number' | 'word' | 'quoted' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/** The tensor itself, in an expression. */
export const THIS = 'x';
/** Deeper nesting is no formula of a person. */
const MAX_DEPTH = 64;
const TOKEN =
  /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_]\w*)|(?<quoted>"[^"]*"|'[^']*')|(?<sign>\*\*|[-+*/(),]))/y;

/**
 * Parses `x * 0.5 + "other.weight"`: numbers, `x` for the tensor itself, quoted names of tensors of the
 * document, short names, + - * / **, unary minus, abs sqrt exp log neg of one, min max of two, clip of three.
 * Precedence is Python's.
 *
 * @throws InvalidArgumentError with the position of what was not expected.
 */
export function parseExpression(text: string, sourceOf: (operand: Operand) => number): Expression {
  return new Parser(text, sourceOf).whole();
}

class Parser {
  readonly #text: string;
  readonly #sourceOf: (operand: Operand) => number;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string, sourceOf: (operand: Operand) => number) {
    this.#text = text;
    this.#sourceOf = sourceOf;
    this.#tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.#sum();
    if (this.#token.kind !== 'end') throw this.#unexpected();
    return expression;
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#text.length };
  }

  #takes(...signs: readonly string[]): string | null {
    const { kind, text } = this.#token;
    if (kind !== 'sign' || !signs.includes(text)) return null;
    this.#next += 1;
    return text;
  }

  #sum(): Expression {
    let left = this.#product();
    for (let sign = this.#takes('+', '-'); sign !== null; sign = this.#takes('+', '-')) {
      left = binary(sign === '+' ? 'add' : 'sub', left, this.#product());
    }
    return left;
  }

  #product(): Expression {
    let left = this.#unary();
    for (let sign = this.#takes('*', '/'); sign !== null; sign = this.#takes('*', '/')) {
      left = binary(sign === '*' ? 'mul' : 'div', left, this.#unary());
    }
    return left;
  }

  /** A power binds closer than the minus before it, and less than the one in its exponent. */
  #unary(): Expression {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new InvalidArgumentError('The expression is nested too deeply.');
    try {
      if (this.#takes('-') !== null) return { kind: 'unary', name: 'neg', of: this.#unary() };
      if (this.#takes('+') !== null) return this.#unary();
      const base = this.#atom();
      return this.#takes('**') === null ? base : binary('pow', base, this.#unary());
    } finally {
      this.#depth -= 1;
    }
  }

  #atom(): Expression {
    const token = this.#token;
    this.#next += 1;
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: Number(token.text) };
      case 'quoted':
        return this.#source({ kind: 'tensor', name: token.text.slice(1, -1) });
      case 'word':
        if (this.#takes('(') !== null) return this.#call(token);
        return this.#source(token.text === THIS ? { kind: 'this' } : { kind: 'alias', alias: token.text });
      case 'sign':
        if (token.text === '(') {
          const inner = this.#sum();
          if (this.#takes(')') === null) throw this.#unexpected(')');
          return inner;
        }
    }
    this.#next -= 1;
    throw this.#unexpected();
  }

  #source(operand: Operand): Expression {
    return { kind: 'source', source: this.#sourceOf(operand) };
  }

  #call({ text: name, at }: Token): Expression {
    const given = [this.#sum()];
    while (this.#takes(',') !== null) given.push(this.#sum());
    if (this.#takes(')') === null) throw this.#unexpected(')');
    const [first, second, third] = given;
    if (first && given.length === 1 && isUnary(name)) return { kind: 'unary', name, of: first };
    if (first && second && given.length === 2 && (name === 'min' || name === 'max')) return binary(name, first, second);
    if (first && second && third && given.length === 3 && name === 'clip') {
      return binary('min', binary('max', first, second), third);
    }
    throw new InvalidArgumentError(
      `There is no function ${name} of ${given.length} (at ${at} of '${this.#text}'): there are ${UNARY_FUNCTIONS.join(', ')} of one, min and max of two, clip of three.`,
      { expression: this.#text, at },
    );
  }

  #unexpected(wanted = 'a number, a tensor or a function'): InvalidArgumentError {
    const { kind, text, at } = this.#token;
    const found = kind === 'end' ? 'its end' : `'${text}' at ${at}`;
    return new InvalidArgumentError(`Expected ${wanted} in '${this.#text}', found ${found}.`, {
      expression: this.#text,
      at,
    });
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const start = TOKEN.lastIndex;
    const groups = TOKEN.exec(trimmed)?.groups;
    if (!groups) throw new InvalidArgumentError(`'${text}' cannot be read from character ${start} on.`, { at: start });
    const [kind, found] = Object.entries(groups).find(([, part]) => part !== undefined) ?? ['end', ''];
    tokens.push({ kind: kind as Token['kind'], text: found, at: TOKEN.lastIndex - found.length });
  }
  return tokens;
}

function binary(name: BinaryFunction, left: Expression, right: Expression): Expression {
  return { kind: 'binary', name, left, right };
}

function isUnary(name: string): name is UnaryFunction {
  return (UNARY_FUNCTIONS as readonly string[]).includes(name);
}
