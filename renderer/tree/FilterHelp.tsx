import { type KeyboardEvent, useId, useRef, useState } from 'react';

/** What the language of filters can say, by examples (core/workspace/query/parse.ts). */
const EXAMPLES: readonly (readonly [filter: string, meaning: string])[] = [
  ['attn weight', 'both words in the name'],
  ['-bias', 'not in the name; - negates anything'],
  ['name:*.q_proj.*', 'the whole name; * and ? stand for any characters'],
  ['/layers\\.\\d+\\.mlp/', 'a regular expression'],
  ['dtype:bf16,f16', 'one of these; q4* and float8 mean several'],
  ['shape:4096', 'an axis of this size; shape:4096x* gives all axes'],
  ['size>100MB', 'bytes; also rank, elements'],
  ['nans>0', 'NaNs in it; also infs, zeros, negatives, distinct'],
  ['std<1e-6', 'also min, max, mean, absmax, range, l1, l2'],
  ['sparsity>50%', 'the share of zeros'],
];

/** A button that opens what can be typed; an example that is pressed is typed. */
export function FilterHelp({ onChoose }: { readonly onChoose: (filter: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.stopPropagation();
    close();
  };
  return (
    <div role="group" aria-label="Help with filters" className="filter-help" onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        className="icon-button"
        aria-label="Filter help"
        title="What can be typed here"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        ?
      </button>
      <section id={id} className="filter-examples" aria-label="Filter examples" hidden={!isOpen}>
        <p className="muted">Words and conditions, all of which a tensor has to meet:</p>
        <ul>
          {EXAMPLES.map(([filter, meaning]) => (
            <li key={filter}>
              <button
                type="button"
                className="quiet mono"
                onClick={() => {
                  onChoose(filter);
                  setOpen(false);
                }}
              >
                {filter}
              </button>
              <span>{meaning}</span>
            </li>
          ))}
        </ul>
        <p className="muted">Conditions on values read the tensors that meet the rest, once.</p>
      </section>
    </div>
  );
}
