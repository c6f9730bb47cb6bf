interface ChoiceProps<T extends string> {
  readonly label: string;
  /** What each choice is called, in the order in which they are shown. */
  readonly choices: Readonly<Partial<Record<T, string>>>;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A labelled choice of a few words, on one line with others. */
export function Choice<T extends string>({ label, choices, value, onChange }: ChoiceProps<T>) {
  const names = Object.keys(choices) as T[];
  return (
    <label className="inline-field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(names.find((name) => name === event.target.value) ?? value)}>
        {names.map((name) => (
          <option key={name} value={name}>
            {choices[name]}
          </option>
        ))}
      </select>
    </label>
  );
}
