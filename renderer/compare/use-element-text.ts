import { fetchBytes } from '../api/bytes.ts';
import type { CellBlock, DocumentSummary } from '../contract.ts';
import { CellReader } from '../tensor/cell-format.ts';
import { useRequest } from '../ui/use-request.ts';

interface ElementOf {
  readonly document: DocumentSummary;
  readonly tensor: number;
  /** One index per axis. */
  readonly coordinates: readonly number[];
}

/** One element as Cells shows it; null until it is there. */
export function useElementText({ document, tensor, coordinates }: ElementOf): string | null {
  const ranges = coordinates.map((index) => `${index}:1:1`).join(',');
  const path = `cells/${encodeURIComponent(document.id)}/${tensor}?ranges=${ranges}`;
  const element = useRequest({
    subject: path,
    key: `${path}#${document.revision}`,
    run: async (signal) => {
      const { body, meta } = await fetchBytes(path, signal);
      const { dtype, encoding } = meta as unknown as Pick<CellBlock, 'dtype' | 'encoding'>;
      return new CellReader({ dtype, encoding, body }).at(0).text;
    },
  });
  return element.failure ? null : element.data;
}
