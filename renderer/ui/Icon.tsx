/** Line icons on a 16-pixel grid, drawn for this window. */
const PATHS = {
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.4 10.4 14 14',
  open: 'M1.5 4.5v8a1 1 0 0 0 1 1h10l2-6.5h-11l-2 5.5M1.5 4.5v-1a1 1 0 0 1 1-1h3l1.5 2h5a1 1 0 0 1 1 1V7',
  close: 'm4 4 8 8M12 4l-8 8',
  save: 'M2.5 2.5h8.5l2.5 2.5v8.5h-11ZM5 2.5v3.5h5V2.5M5 13.5v-4h6v4',
  undo: 'M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M3 6.5l3-3M3 6.5l3 3',
  redo: 'M13 6.5H6.5a3.5 3.5 0 0 0 0 7H10M13 6.5l-3-3M13 6.5l-3 3',
  sun: 'M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6ZM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M13 9.6A5.6 5.6 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6Z',
  system: 'M2 3h12v8H2ZM6 13.5h4M8 11v2.5',
  file: 'M4 1.5h5l3 3v10H4ZM9 1.5v3h3',
  folder: 'M1.5 3.5h4l1.5 2h7.5v7.5h-13Z',
  warning: 'M8 2 1.5 13.5h13ZM8 6.5v3.2M8 11.6v.2',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  layers: 'M8 2 14 5.5 8 9 2 5.5ZM2.5 8.5 8 11.7l5.5-3.2M2.5 11 8 14.2l5.5-3.2',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
