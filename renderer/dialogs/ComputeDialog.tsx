import type { DocumentSummary, Edit } from '../contract.ts';
import { useDocuments } from '../store/documents.ts';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { aliasesOf, computeEdit } from './compute-edit.ts';
import { EditFormDialog } from './EditFormDialog.tsx';
import { type NamesDialogProps, subject } from './edit-dialogs.tsx';

/** Arithmetic over the chosen tensors, others of the document and those of other open documents. */
export function ComputeDialog({ document, names, onClose }: NamesDialogProps) {
  const { order, byId } = useDocuments();
  const others = order.flatMap((id) => (id === document ? [] : (byId[id] ?? [])));
  const aliases = aliasesOf(others.map(({ id }) => id));
  const compute = (form: FormData): Edit => computeEdit(names, textOf(form, 'expression'), aliases);
  return (
    <EditFormDialog
      document={document}
      title={`Arithmetic on ${subject(names)}`}
      submit="Compute"
      wide
      onClose={onClose}
      field="expression"
      editOf={compute}
    >
      <Field
        label="Expression"
        name="expression"
        className="mono"
        defaultValue="x"
        required
        data-autofocus
        hint='x is each tensor itself; "a.weight" another one of this document. + - * / **, abs sqrt exp log min max clip. Computed in float64, rounded once to the tensor’s own type.'
      />
      {others.length > 0 && <Aliases others={others} />}
    </EditFormDialog>
  );
}

function Aliases({ others }: { readonly others: readonly DocumentSummary[] }) {
  const aliases = aliasesOf(others.map(({ id }) => id));
  return (
    <section aria-label="Other open documents">
      <p className="hint">The tensor of the same name in another open document:</p>
      <ul className="plain-list">
        {others.map(({ id, name }) => (
          <li key={id}>
            <code>{aliases.get(id)}</code> in <span className="mono">{name}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
