import type { Spectrum } from '../contract.ts';
import { formatCount, formatShare, formatStatistic } from '../format/numbers.ts';
import { numbered } from '../ui/numbered.ts';
import { cumulativeEnergy, formatError } from './spectrum-scale.ts';

/** All values in a table, behind a summary. */
export function SpectrumValues({ spectrum }: { readonly spectrum: Spectrum }) {
  const energy = cumulativeEnergy(spectrum);
  return (
    <details className="spectrum-values">
      <summary>Table of values</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Index</th>
            <th scope="col">Singular value</th>
            <th scope="col">Error</th>
            <th scope="col">Cumulative energy</th>
          </tr>
        </thead>
        <tbody>
          {numbered(spectrum.values).map(({ place, item }) => (
            <tr key={place}>
              <th scope="row">{formatCount(place + 1)}</th>
              <td>{formatStatistic(item)}</td>
              <td>{formatError(spectrum.errors[place] ?? 0)}</td>
              <td>{formatShare(energy[place] ?? 0, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
