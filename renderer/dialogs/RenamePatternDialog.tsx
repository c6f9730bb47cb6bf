import { useState } from 'react';
import type { Edit } from '../contract.ts';
import { CheckField } from '../ui/CheckField.tsx';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { EditFormDialog } from './EditFormDialog.tsx';
import { escapeRegExp } from './requests.ts';

interface RenamePatternDialogProps {
  readonly document: string;
  readonly pattern: string;
  readonly onClose: () => void;
}

/** Find and replace in names, with all names that change in view before they do. */
export function RenamePatternDialog({ document, pattern, onClose }: RenamePatternDialogProps) {
  const [isLiteral, setLiteral] = useState(false);
  const renaming = (form: FormData): Edit => {
    const find = textOf(form, 'pattern');
    const replacement = textOf(form, 'replacement');
    if (find === '') throw new Error('Write what to find in the names.');
    return isLiteral
      ? { kind: 'rename-pattern', pattern: escapeRegExp(find), replacement: replacement.replaceAll('$', '$$$$') }
      : { kind: 'rename-pattern', pattern: find, replacement };
  };
  return (
    <EditFormDialog
      document={document}
      title="Find and replace in names"
      submit="Rename all"
      wide
      onClose={onClose}
      editOf={renaming}
    >
      <Field
        label={isLiteral ? 'Text to find' : 'Regular expression'}
        name="pattern"
        className="mono"
        defaultValue={pattern}
        required
        hint="Looked for in every name of the checkpoint, as often as it occurs."
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
    </EditFormDialog>
  );
}
