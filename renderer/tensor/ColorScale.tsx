import { type KeyboardEvent, useState } from 'react';
import type { HeatmapRange } from '../contract.ts';
import { Choice } from '../ui/Choice.tsx';
import { gradientOf, SPECIAL_COLORS } from './color-stops.ts';
import type { HeatmapOptions, HeatmapPicture } from './use-heatmap.ts';

interface ColorScaleProps {
  /** Null until there is one: the room that the scale takes must not change then. */
  readonly picture: HeatmapPicture | null;
  readonly options: HeatmapOptions;
  readonly onOptions: (options: HeatmapOptions) => void;
}

/** Of the ends: as many as a colour can tell apart, and more. */
const DIGITS = 6;

const RANGES: Readonly<Record<HeatmapRange, string>> = {
  full: 'All of the picture',
  symmetric: 'Symmetric about zero',
  robust: '1st to 99th percentile',
};

/** What the colours mean: the two values at their ends, and how these were chosen. */
export function ColorScale({ picture, options, onOptions }: ColorScaleProps) {
  const rangeChoice = picture?.rangeChoice ?? 'symmetric';
  const [low, high] = picture?.range ?? [0, 0];
  const setRange = (range: HeatmapOptions['range']): void => onOptions({ ...options, range });
  return (
    <div className="color-scale">
      <EndInput
        key={`low ${low}`}
        label="Low end of the colours"
        disabled={!picture}
        value={low}
        onCommit={(value) => setRange([value, high])}
      />
      <div className="color-bar" aria-hidden="true" style={{ backgroundImage: gradientOf(options.colorMap) }} />
      <EndInput
        key={`high ${high}`}
        label="High end of the colours"
        disabled={!picture}
        value={high}
        onCommit={(value) => setRange([low, value])}
      />
      <Choice<HeatmapRange | 'given'>
        label="Range"
        choices={rangeChoice === 'given' ? { ...RANGES, given: 'As given' } : RANGES}
        value={rangeChoice}
        onChange={(choice) => setRange(choice === 'given' ? [low, high] : choice)}
      />
      <SpecialColors />
    </div>
  );
}

/** The colours of what lies on no scale. */
function SpecialColors() {
  return (
    <ul aria-label="Colours of other values" className="special-colors">
      {SPECIAL_COLORS.map(({ name, color }) => (
        <li key={name}>
          <span className="special-color" style={{ backgroundColor: color }} />
          {name}
        </li>
      ))}
    </ul>
  );
}

interface EndInputProps {
  readonly label: string;
  readonly value: number;
  readonly disabled: boolean;
  readonly onCommit: (value: number) => void;
}

function EndInput({ label, value, disabled, onCommit }: EndInputProps) {
  const shown = String(Number(value.toPrecision(DIGITS)));
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
      value={disabled ? '' : text}
      disabled={disabled}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}
