import type { Cursor } from './cursor.ts';
import { MAX_MEMO, MAX_STACK } from './limits.ts';
import type { PicklePersistent, PickleValue } from './values.ts';

/** The stack, the marks and the memo of a pickle machine, and what they may take. */
export class PickleState {
  readonly cursor: Cursor;
  /** Set by STOP. */
  result: { readonly value: PickleValue } | null = null;
  protocol = 0;
  /** Every class and function that is named, with where it is named first. */
  readonly globals = new Map<string, number>();
  /** Every reference to what lies outside the pickle, in order. */
  readonly persistents: PicklePersistent[] = [];
  buffers = 0;
  readonly #allowance: number;
  #spent = 0;
  readonly #stack: PickleValue[] = [];
  /** Parallel to the stack: where the first opcode of each value lies. */
  readonly #starts: number[] = [];
  readonly #marks: number[] = [];
  /** Memo entries in the order of their numbers, which is how pickles are written. */
  readonly #memo: PickleValue[] = [];
  /** Those with other numbers. */
  readonly #sparseMemo = new Map<number, PickleValue>();

  constructor(cursor: Cursor, allowance: number) {
    this.cursor = cursor;
    this.#allowance = allowance;
  }

  /** Counts memory before it is taken. */
  charge(nbytes: number): void {
    this.#spent += nbytes;
    if (this.#spent > this.#allowance) {
      this.cursor.fail(`it describes more values than ${this.#allowance} bytes of memory hold, which is the limit`);
    }
  }

  push(value: PickleValue, start = this.cursor.start): void {
    if (this.#stack.length >= MAX_STACK) this.cursor.fail(`its stack holds more than ${MAX_STACK} values`);
    this.#stack.push(value);
    this.#starts.push(start);
  }

  /** The value on top and where it was begun. */
  pop(): { readonly value: PickleValue; readonly start: number } {
    this.#check(1);
    const start = this.#starts.pop() ?? 0;
    return { value: this.#stack.pop() ?? null, start };
  }

  popValue(): PickleValue {
    this.#check(1);
    this.#starts.pop();
    return this.#stack.pop() ?? null;
  }

  /** The last `count` values, the first of them first. */
  popMany(count: number): { readonly items: PickleValue[]; readonly start: number } {
    this.#check(count);
    this.charge(16 + 8 * count);
    const start = this.#starts[this.#starts.length - count] ?? this.cursor.start;
    this.#starts.length -= count;
    return { items: this.#stack.splice(this.#stack.length - count, count), start };
  }

  top(): PickleValue {
    this.#check(1);
    return this.#stack.at(-1) ?? null;
  }

  mark(): void {
    if (this.#marks.length >= MAX_STACK) this.cursor.fail(`it has more than ${MAX_STACK} open marks`);
    this.#marks.push(this.#stack.length);
  }

  /** What lies above the last mark, which goes too. */
  popMark(): { readonly items: PickleValue[]; readonly start: number } {
    const from = this.#marks.pop();
    if (from === undefined) return this.cursor.fail('it wants a mark where there is none');
    return this.popMany(this.#stack.length - from);
  }

  /** POP: a mark where one is on top, else a value. */
  drop(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.popValue();
  }

  memoize(index: number = this.#memo.length + this.#sparseMemo.size): void {
    const value = this.top();
    if (index < this.#memo.length) this.#memo[index] = value;
    else if (this.#memo.length + this.#sparseMemo.size >= MAX_MEMO) {
      this.cursor.fail(`its memo holds more than ${MAX_MEMO} values`);
    } else if (index === this.#memo.length && this.#sparseMemo.size === 0) this.#memo.push(value);
    else {
      this.charge(48);
      this.#sparseMemo.set(index, value);
    }
  }

  recall(index: number): PickleValue {
    const value = index < this.#memo.length ? this.#memo[index] : this.#sparseMemo.get(index);
    if (value !== undefined) return value;
    return this.cursor.fail(`it recalls value ${index} of its memo, which was never stored`);
  }

  /** No opcode but those that end a mark may reach below it. */
  #check(count: number): void {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) {
      this.cursor.fail('it takes more values from its stack than lie there');
    }
  }
}
