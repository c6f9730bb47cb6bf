/** What an archive with members, and one without, begins with. */
const MAGICS = ['PK\x03\x04', 'PK\x05\x06'];

export function isZip(head: Buffer): boolean {
  return MAGICS.includes(head.toString('latin1', 0, 4));
}
