/** The environment in which Dawn finds the SwiftShader beside Chromium; null where there is none. */
export function findSwiftShader(): Readonly<Record<'LD_LIBRARY_PATH' | 'VK_DRIVER_FILES', string>> | null;
