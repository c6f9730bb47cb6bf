/** What a `.npy` file begins with. */
export const NPY_MAGIC = Buffer.from('\x93NUMPY', 'latin1');
