import { type KeyboardEvent, useState } from 'react';
import { formatFloat } from './cell-format.ts';
import { gradientOf } from './color-stops.ts';
import type { HeatmapOptions, HeatmapPicture } from './use-heatmap.ts';

interface ColorScaleProps {
  readonly picture: HeatmapPicture;
  readonly options: HeatmapOptions;
  readonly onOptions: (options: HeatmapOptions) => void;
}

/** What the colours mean, and the two values at their ends. */
export function ColorScale({ picture, options, onOptions }: ColorScaleProps) {
  const [low, high] = picture.range;
  const setRange = (range: HeatmapOptions['range']): void => onOptions({ ...options, range });
  const symmetric = (): void => {
    const reach = Math.max(Math.abs(low), Math.abs(high));
    setRange([-reach, reach]);
  };
  return (
    <div className="color-scale">
      <EndInput
        key={`low ${low}`}
        label="Low end of the colours"
        value={low}
        onCommit={(value) => setRange([value, high])}
      />
      <div className="color-bar" aria-hidden="true" style={{ backgroundImage: gradientOf(options.colorMap) }} />
      <EndInput
        key={`high ${high}`}
        label="High end of the colours"
        value={high}
        onCommit={(value) => setRange([low, value])}
      />
      <button type="button" className="small" disabled={options.range === null} onClick={() => setRange(null)}>
        Auto
      </button>
      <button type="button" className="small" onClick={symmetric}>
        Symmetric
      </button>
      <span className="spacer" />
      {!picture.exact && (
        <span
          className="badge"
          title="The slice is too large to read whole: some elements under each pixel were skipped."
        >
          Sampled
        </span>
      )}
    </div>
  );
}

interface EndInputProps {
  readonly label: string;
  readonly value: number;
  readonly onCommit: (value: number) => void;
}

function EndInput({ label, value, onCommit }: EndInputProps) {
  const shown = formatFloat(value, 'float32');
  const [text, setText] = useState(shown);
  const commit = (): void => {
    const wanted = Number(text);
    if (text.trim() === '' || !Number.isFinite(wanted)) setText(shown);
    else if (text !== shown) onCommit(wanted);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') commit();
    if (event.key === 'Escape') setText(shown);
  };
  return (
    <input
      type="text"
      inputMode="decimal"
      className="mono range-end"
      aria-label={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}
