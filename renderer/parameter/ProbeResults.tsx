import type { ProbeResult } from '../contract.ts';
import { formatFigure } from '../format/figures.ts';
import { formatShape } from '../format/numbers.ts';

/** A row per pass and device. */
export function ProbeResults({ result: { as, inputShape, outputShape, passes } }: { readonly result: ProbeResult }) {
  return (
    <section aria-label="Results" className="probe-results">
      <p className="hint">
        As {as}: input {formatShape(inputShape)}, output {formatShape(outputShape)}.
      </p>
      <table className="plain-table" aria-label="Probe results">
        <thead>
          <tr>
            <th scope="col">Pass</th>
            <th scope="col">Device</th>
            <th scope="col" className="number">
              Output norm
            </th>
            <th scope="col" className="number">
              Loss
            </th>
            <th scope="col" className="number">
              Gradient norm
            </th>
          </tr>
        </thead>
        <tbody>
          {passes.map(({ pass, device, output, loss, gradient }) => (
            <tr key={`${pass} ${device}`}>
              <td>{pass}</td>
              <td className="mono">{device}</td>
              <td className="number">{formatFigure(output)}</td>
              <td className="number">{formatFigure(loss)}</td>
              <td className="number">{formatFigure(gradient)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
