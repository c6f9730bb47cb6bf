import { useState } from 'react';
import type { InitializerName } from '../contract.ts';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { argumentsOf, INITIALIZERS, type InitializerArgument } from './initializers.ts';

const NAMES = Object.keys(INITIALIZERS) as InitializerName[];

/** Which initializer, and its arguments. */
export function InitializerFields() {
  const [name, setName] = useState<InitializerName>('xavier');
  const { says, arguments: args } = INITIALIZERS[name];
  return (
    <>
      <SelectField label="Initializer" name="initializer" options={NAMES} value={name} onChange={setName} hint={says} />
      {args.map((argument) => (
        <ArgumentField key={`${name} ${argument.name}`} argument={argument} />
      ))}
    </>
  );
}

function ArgumentField({ argument: { name, initial, choices } }: { readonly argument: InitializerArgument }) {
  if (choices) return <SelectField label={name} name={name} options={choices} initial={String(initial)} />;
  return <Field label={name} name={name} inputMode="decimal" className="mono" defaultValue={initial} required />;
}

export function SeedField({ hint }: { readonly hint: string }) {
  return <Field label="Seed" name="seed" inputMode="numeric" className="mono" hint={hint} />;
}

/** What the fields say. Throws where one of them cannot be. */
export function initializerIn(fields: FormData) {
  const name = NAMES.find((known) => known === textOf(fields, 'initializer'));
  if (!name) throw new Error('Choose an initializer.');
  return {
    initializer: name,
    arguments: argumentsOf(INITIALIZERS[name], (argument) => textOf(fields, argument)),
    ...seedOf(textOf(fields, 'seed')),
  };
}

function seedOf(text: string): { seed?: number } {
  if (text.trim() === '') return {};
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('The seed is a whole number, such as 7, or empty.');
  return { seed };
}
