import { useId } from 'react';
import type { WrittenFormat } from '../contract.ts';
import { formatOfName, renamedTo } from '../format/file-names.ts';

interface FormatFieldProps {
  readonly formats: readonly WrittenFormat[];
  readonly name: string;
  readonly onName: (name: string) => void;
}

/** What a file is written as: a choice that follows the ending of its name, and changes it. */
export function FormatField({ formats, name, onName }: FormatFieldProps) {
  const id = useId();
  const chosen = formatOfName(name.trim(), formats);
  const choose = (format: string): void => {
    const next = formats.find((other) => other.format === format);
    if (next) onName(renamedTo(name.trim(), next, formats));
  };
  return (
    <div className="field">
      <label htmlFor={id}>Format</label>
      <select id={id} value={chosen?.format ?? ''} onChange={(event) => choose(event.target.value)}>
        {formats.map(({ format, label, extensions }) => (
          <option key={format} value={format}>
            {label} ({extensions[0]})
          </option>
        ))}
      </select>
    </div>
  );
}
