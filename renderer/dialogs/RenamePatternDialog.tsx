import { useState } from 'react';
import type { Edit } from '../contract.ts';
import { plural } from '../format/numbers.ts';
import { CheckField } from '../ui/CheckField.tsx';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { FieldError } from '../ui/field-problem.ts';
import { EditFormDialog } from './EditFormDialog.tsx';
import { escapeRegExp } from './requests.ts';

interface RenamePatternDialogProps {
  readonly document: string;
  readonly pattern: string;
  /** The chosen tensors; null where all are meant. */
  readonly names: readonly string[] | null;
  readonly onClose: () => void;
}

/** Find and replace in names, with all names that change in view before they do. */
export function RenamePatternDialog({ document, pattern, names, onClose }: RenamePatternDialogProps) {
  const [isOfChosen, setOfChosen] = useState(names !== null);
  const [isLiteral, setLiteral] = useState(false);
  const renaming = (form: FormData): Edit => {
    const find = textOf(form, 'pattern');
    const replacement = textOf(form, 'replacement');
    if (find === '') throw new FieldError('pattern', 'Write what to find in the names.');
    return {
      kind: 'rename-pattern',
      pattern: isLiteral ? escapeRegExp(find) : find,
      replacement: isLiteral ? replacement.replaceAll('$', '$$$$') : replacement,
      ...(names && isOfChosen && { select: [...names] }),
    };
  };
  return (
    <EditFormDialog
      document={document}
      title="Find and replace in names"
      submit="Rename all"
      wide
      onClose={onClose}
      editOf={renaming}
      field="pattern"
    >
      <Field
        label={isLiteral ? 'Text to find' : 'Regular expression'}
        name="pattern"
        className="mono"
        defaultValue={pattern}
        required
        hint="Looked for in every name, as often as it occurs."
        data-autofocus={pattern === '' ? true : undefined}
      />
      <Field
        label="Replacement"
        name="replacement"
        className="mono"
        hint={isLiteral ? 'Empty takes the text out.' : '$1, $2, … stand for the groups of the expression.'}
        data-autofocus={pattern === '' ? undefined : true}
      />
      <CheckField
        label="Find the text as it is written"
        checked={isLiteral}
        onChange={setLiteral}
        hint="Without it what you write is a regular expression."
      />
      {names && (
        <CheckField
          label={`Only in the names of the ${plural(names.length, 'chosen tensor')}`}
          checked={isOfChosen}
          onChange={setOfChosen}
        />
      )}
    </EditFormDialog>
  );
}
