import type { PlannedFile, SavePlan } from '../core/workspace/summary.ts';
import { formatBytes, printable } from './output.ts';

/** What `--dry-run` says to people. */
export function savePlanLines(plan: SavePlan): string[] {
  if (plan.action === 'none') return ['Nothing would be written.'];
  const lines = plan.files.map(fileLine);
  const free = plan.diskFree === null ? '' : ` of ${formatBytes(plan.diskFree)} free`;
  lines.push(`Disk: ${formatBytes(plan.diskNeeded)} needed${free}${plan.fits ? '' : ': not enough'}.`);
  lines.push(plan.inPlace ? 'In place: possible.' : `In place: no. ${plan.notInPlace ?? ''}`.trimEnd());
  for (const { name, with: others, stays, bytes } of plan.shared) {
    const what = stays ? 'shares its bytes with' : `gets ${formatBytes(bytes)} of its own, instead of sharing with`;
    lines.push(`${printable(name)} ${what} ${others.map(printable).join(', ')}.`);
  }
  if (plan.quantized.length > 0) lines.push(`Quantized: ${plan.quantized.map(printable).join(', ')}.`);
  return [
    ...lines,
    ...plan.notes.map((note) => `Note: ${printable(note)}`),
    ...plan.losses.map((loss) => `Lost: ${printable(loss)}`),
  ];
}

function fileLine({ name, action, size, newBytes, copiedBytes }: PlannedFile): string {
  const file = printable(name);
  const fresh = formatBytes(newBytes);
  switch (action) {
    case 'none':
      return `${file}: stays as it is.`;
    case 'remove':
      return `${file}: is removed, for it holds nothing any more.`;
    case 'patch-in-place':
      return `${file}: ${fresh} are patched in place.`;
    case 'copy-and-patch':
      return `${file}: ${formatBytes(copiedBytes)} are copied, ${fresh} patched.`;
    case 'rewrite-header':
      return `${file}: the header is rewritten within its padding (${fresh} in all), ${formatBytes(copiedBytes)} are copied.`;
    case 'rewrite':
      return `${file}: is rewritten: ${formatBytes(size)}, of which ${fresh} are new.`;
  }
}
