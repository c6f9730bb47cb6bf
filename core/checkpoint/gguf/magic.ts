/** What every file begins with. */
export const MAGIC = 'GGUF';
