/** Longer strings and bytes stay in the file; the longest real key known to us has 300 characters. */
export const INLINE_BYTES = 64 * 1024;

/** A line of protocol 0; such pickles are small, or texts within them are long. */
export const MAX_LINE = 1024 * 1024;

/** Bytes of one integer: far beyond any hash or seed. */
export const MAX_INTEGER = 4096;

/**
 * What the opcodes of one pickle may take, without long strings and bytes, which are stepped over. The
 * largest known to us, of a checkpoint with 200,000 tensors, has 60 MB.
 */
export const MAX_OPCODE_BYTES = 512 * 1024 * 1024;

/** Memory for what a pickle describes, beyond its own size: 10 million small values. */
export const STRUCTURE_ALLOWANCE = 384 * 1024 * 1024;

/** Values on the stack; a tuple of as many items has to lie there first. */
export const MAX_STACK = 8 * 1024 * 1024;

/** Entries of the memo, which takes one byte of pickle each. */
export const MAX_MEMO = 8 * 1024 * 1024;
