import type { HeatmapRange } from '../contract.ts';
import { Choice } from '../ui/Choice.tsx';
import { NumberField } from '../ui/NumberField.tsx';
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
      <End label="Low end of the colours" picture={picture} at={0} onCommit={(value) => setRange([value, high])} />
      <div className="color-bar" aria-hidden="true" style={{ backgroundImage: gradientOf(options.colorMap) }} />
      <End label="High end of the colours" picture={picture} at={1} onCommit={(value) => setRange([low, value])} />
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

interface EndProps extends Pick<ColorScaleProps, 'picture'> {
  readonly label: string;
  readonly at: 0 | 1;
  readonly onCommit: (value: number) => void;
}

function End({ label, picture, at, onCommit }: EndProps) {
  return (
    <NumberField
      label={label}
      isLabelHidden
      disabled={picture === null}
      value={picture?.range[at] ?? null}
      format={(value) => String(Number(value.toPrecision(DIGITS)))}
      onCommit={onCommit}
    />
  );
}
