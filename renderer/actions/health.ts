import { client } from '../api/client.ts';
import { failureOf, isCancelled } from '../api/errors.ts';
import type { Finding, HealthEvent } from '../contract.ts';
import { useHealthStore } from '../store/health.ts';

/** The one scan of each document that is under way. */
const scans = new Map<string, () => void>();

/** Looks at the values of all tensors, those in `first` before the others; what is found shows as it comes. */
export function scanHealth(document: string, first: number[]): void {
  follow(document, { first, knownOnly: false });
}

/** Shows what earlier scans found, and reads nothing. */
export function recallHealth(document: string): void {
  follow(document, { first: [], knownOnly: true });
}

/** Ends the scan; what it has found stays. */
export function stopScan(document: string): void {
  scans.get(document)?.();
  scans.delete(document);
  useHealthStore.getState().update(document, { running: false });
}

export function forgetHealth(document: string): void {
  scans.get(document)?.();
  scans.delete(document);
  useHealthStore.getState().remove(document);
}

interface ScanInput {
  readonly first: number[];
  readonly knownOnly: boolean;
}

function follow(document: string, input: ScanInput): void {
  scans.get(document)?.();
  const { update } = useHealthStore.getState();
  const findings = new Map<number, readonly Finding[]>();
  if (!input.knownOnly) update(document, { running: true, problem: null, reading: { done: 0, total: 0 } });
  const scan = client.scans.health.subscribe(
    { document, ...input },
    {
      onData: ({ found, scanned, reading, end }) => {
        for (const { tensor, findings: here } of found) findings.set(tensor, here);
        // What is known already replaces what was known before in one step.
        if (input.knownOnly && end === null) return;
        const known = { findings: new Map(findings), scanned, ...(end && { unread: end.unread }) };
        if (input.knownOnly) update(document, known);
        else update(document, { ...known, reading, ...(end && { running: false, problem: problemOf(end) }) });
        if (end) scans.delete(document);
      },
      onError: (error) => {
        scans.delete(document);
        // That the file changed is told where the document is; nobody asked for this look.
        if (input.knownOnly) return;
        update(document, { running: false, problem: isCancelled(error) ? null : failureOf(error).message });
      },
    },
  );
  scans.set(document, () => scan.unsubscribe());
}

function problemOf({ failed, failures }: NonNullable<HealthEvent['end']>): string | null {
  if (failed === 0) return null;
  return `${failed === 1 ? 'One tensor' : `${failed} tensors`} could not be read: ${failures[0]?.message ?? ''}`;
}
