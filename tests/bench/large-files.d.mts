export function writeManyTensors(path: string, count: number): void;
export function writeSparse(path: string, bytes: number): void;
export function writeTallMatrix(path: string): void;
