import type { Span } from './json-cursor.ts';

const INITIAL_ROWS = 64;

/**
 * Rows of byte spans in one typed array: the places of 200,000 tensors in a header take megabytes
 * where objects would take a hundred. Positions fit 32 bits, for headers end at 100 MB.
 */
export class SpanTable<Column extends string> {
  private readonly columns: readonly Column[];
  private positions: Uint32Array;
  private rows = 0;

  constructor(columns: readonly Column[]) {
    this.columns = columns;
    this.positions = new Uint32Array(INITIAL_ROWS * columns.length * 2);
  }

  get length(): number {
    return this.rows;
  }

  /** Adds a row of empty spans and returns its number. */
  addRow(): number {
    const used = this.rows * this.columns.length * 2;
    if (used + this.columns.length * 2 > this.positions.length) {
      const grown = new Uint32Array(this.positions.length * 2);
      grown.set(this.positions);
      this.positions = grown;
    }
    return this.rows++;
  }

  set(row: number, column: Column, start: number, end: number): void {
    const at = this.place(row, column);
    this.positions[at] = start;
    this.positions[at + 1] = end;
  }

  get(row: number, column: Column): Span {
    const at = this.place(row, column);
    return { start: this.positions[at] ?? 0, end: this.positions[at + 1] ?? 0 };
  }

  private place(row: number, column: Column): number {
    return (row * this.columns.length + this.columns.indexOf(column)) * 2;
  }
}
