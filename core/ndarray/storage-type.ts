/** How an array holds its elements: all of them, the rows that are not zero, or compressed sparse rows. */
export const STORAGE_TYPES = ['default', 'row_sparse', 'csr'] as const;

export type StorageType = (typeof STORAGE_TYPES)[number];
