/** What a list file begins with, as 64 bits. */
export const LIST_MAGIC = 0x112;
