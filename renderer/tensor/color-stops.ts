import type { ColorMap } from '../contract.ts';

/** The host's colour maps, for the legend alone: the host paints the pictures. A test holds both to each other. */
export const COLOR_STOPS: Readonly<Record<ColorMap, readonly string[]>> = {
  diverging: ['#0a3268', '#2668ae', '#6ca8d4', '#bedbec', '#f7f7f6', '#f8cdb8', '#e48a6e', '#be3c3e', '#680622'],
  sequential: ['#34064c', '#422e7c', '#36548c', '#28788e', '#229888', '#48b86e', '#8cd254', '#e4ee96'],
  gray: ['#000000', '#ffffff'],
};

/** The host's colours of what no map can show. */
export const SPECIAL_COLORS = [
  { name: 'NaN', color: '#d4006a' },
  { name: '+∞', color: '#ffc400' },
  { name: '−∞', color: '#00e5ff' },
] as const;

export function gradientOf(map: ColorMap): string {
  return `linear-gradient(to right, ${COLOR_STOPS[map].join(', ')})`;
}
