/** TensorFlow.js addresses elements with 32-bit arithmetic in places, and so holds no larger array safely. */
export const MAX_ARRAY_BYTES = 2 ** 31;
