import { edit } from '../actions/documents.ts';
import { copyTensors } from '../actions/move-tensors.ts';
import { reporting } from '../actions/report.ts';
import { type EditQuestion, useDialogs } from '../store/dialogs.ts';
import { useSelections } from '../store/selection.ts';

type Question = readonly [kind: EditQuestion, label: string];

const ONE_TENSOR: readonly Question[] = [['shape', 'Shape…']];
const SEVERAL_TENSORS: readonly Question[] = [
  ['concatenate', 'Concatenate…'],
  ['tie', 'Tie…'],
];

interface EditToolbarProps {
  readonly document: string;
  readonly names: readonly string[];
}

/** The edits of whole tensors. Deleting asks nothing: Undo brings the tensors back. */
export function EditToolbar({ document, names }: EditToolbarProps) {
  const { ask } = useDialogs.getState();
  const isOne = names.length === 1;
  const rename = (): void => {
    if (isOne) ask({ kind: 'rename', document, names });
    else ask({ kind: 'rename-pattern', document, pattern: '', names });
  };
  const copy = (): void =>
    copyTensors({ document, ids: [...(useSelections.getState().byDocument[document]?.ids ?? [])] });
  const remove = (): void => void reporting(() => edit(document, { kind: 'delete', select: [...names] }));
  const questions: readonly Question[] = [
    ['cast', 'Cast…'],
    ['fill', 'Fill…'],
    ['scale', 'Scale…'],
    ['reinitialize', 'Reinitialize…'],
    ['compute', 'Arithmetic…'],
    ...(isOne ? ONE_TENSOR : SEVERAL_TENSORS),
  ];
  return (
    <div role="toolbar" aria-label="Edit" className="edit-toolbar">
      <button type="button" className="small" onClick={rename}>
        Rename…
      </button>
      {questions.map(([kind, label]) => (
        <button key={kind} type="button" className="small" onClick={() => ask({ kind, document, names })}>
          {label}
        </button>
      ))}
      <button type="button" className="small" onClick={copy} title="Ctrl+C in the tree">
        Copy tensors
      </button>
      <button type="button" className="small danger-text" onClick={remove}>
        Delete
      </button>
    </div>
  );
}
