export function buildDouble(): Promise<void>;
