/** Functions of one number, by their names in expressions. */
export const UNARY_FUNCTIONS = ['neg', 'abs', 'sqrt', 'exp', 'log'] as const;
export type UnaryFunction = (typeof UNARY_FUNCTIONS)[number];

export const BINARY_FUNCTIONS = ['add', 'sub', 'mul', 'div', 'pow', 'min', 'max'] as const;
export type BinaryFunction = (typeof BINARY_FUNCTIONS)[number];

/** An elementwise expression as plain data. `source` counts the tensors that it is evaluated over. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'source'; readonly source: number }
  | { readonly kind: 'unary'; readonly name: UnaryFunction; readonly of: Expression }
  | { readonly kind: 'binary'; readonly name: BinaryFunction; readonly left: Expression; readonly right: Expression };
