/**
 * Whether a program that unpacks an archive by its members' names would write outside of the folder that it
 * unpacks to. `W:0` is TensorFlow's way to name a tensor, `W:/0` a place on a drive.
 */
export function leavesArchive(name: string): boolean {
  return name.split(/[/\\]/).includes('..') || /^(?:[/\\]|[a-z]:[/\\])/i.test(name) || name.includes('\0');
}
