/**
 * Where a file of the packed program lies as a file of its own: beside the archive (`asarUnpack` of
 * electron-builder.yml). The path itself where the program is not packed.
 */
export function unpackedPath(path: string): string {
  return path.replace(/([\\/]app\.asar)([\\/])/, '$1.unpacked$2');
}
