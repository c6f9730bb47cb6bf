export function electronPackage(): string;
export function findElectron(folder?: string, environment?: NodeJS.ProcessEnv): string | null;
export function downloadElectron(
  folder?: string,
  limits?: { readonly firstByteMs?: number; readonly stallMs?: number },
): Promise<string | null>;
export function reasonOf(errors: string): string;
