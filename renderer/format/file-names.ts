import type { WrittenFormat } from '../contract.ts';

/** The format that the host writes under this name: what the ending asks for, else safetensors. */
export function formatOfName(name: string, formats: readonly WrittenFormat[]): WrittenFormat | undefined {
  const asked = formats.find((format) => endingOf(name, format) !== null);
  return asked ?? formats.find(({ format }) => format === 'safetensors');
}

/** The same name with the usual ending of `format`. */
export function renamedTo(name: string, format: WrittenFormat, formats: readonly WrittenFormat[]): string {
  if (endingOf(name, format) !== null) return name;
  const known = formats.map((other) => endingOf(name, other)).find((ending) => ending !== null);
  const stem = name.slice(0, name.length - (known?.length ?? 0));
  return `${stem}${format.extensions[0] ?? ''}`;
}

/** The longest of the format's endings that the name has; null where it has none. */
function endingOf(name: string, { extensions }: WrittenFormat): string | null {
  const lower = name.toLowerCase();
  const found = extensions.filter((extension) => lower.endsWith(extension) && lower.length > extension.length);
  return found.sort((a, b) => b.length - a.length)[0] ?? null;
}
