import { useId, useState } from 'react';
import { EMPTY_LISTING, shapeOf } from '../api/listing.ts';
import { formatShape } from '../format/numbers.ts';
import { useListings } from '../store/listings.ts';
import { Field } from '../ui/Field.tsx';
import { textOf } from '../ui/FormDialog.tsx';
import { SelectField } from '../ui/SelectField.tsx';
import { EditFormDialog } from './EditFormDialog.tsx';
import { SHAPE_OPERATIONS, type ShapeOperation, shapeEdit } from './shape-edits.ts';

interface ShapeDialogProps {
  readonly document: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** Reshapes, transposes, slices or splits one tensor. */
export function ShapeDialog({ document, name, onClose }: ShapeDialogProps) {
  const [operation, setOperation] = useState<ShapeOperation>('reshape');
  const listing = useListings((state) => state.byDocument[document]?.listing ?? EMPTY_LISTING);
  const position = listing.names.indexOf(name);
  const shape = position < 0 ? [] : shapeOf(listing, position);
  return (
    <EditFormDialog
      document={document}
      title="Change the shape"
      submit="Apply"
      onClose={onClose}
      field={FIELDS[operation]}
      editOf={(form) => shapeEdit(operation, name, (field) => textOf(form, field))}
    >
      <p>
        <strong className="mono">{name}</strong> is <span className="mono">{formatShape(shape)}</span>.
      </p>
      <SelectField
        label="Operation"
        name="operation"
        options={SHAPE_OPERATIONS}
        value={operation}
        onChange={setOperation}
      />
      <OperationFields key={operation} operation={operation} shape={shape} />
    </EditFormDialog>
  );
}

/** What the host speaks of where it refuses an operation. */
const FIELDS: Readonly<Record<ShapeOperation, string>> = {
  reshape: 'shape',
  transpose: 'axes',
  slice: 'slice',
  split: 'sizes',
};

interface OperationFieldsProps {
  readonly operation: ShapeOperation;
  readonly shape: readonly number[];
}

function OperationFields({ operation, shape }: OperationFieldsProps) {
  switch (operation) {
    case 'reshape':
      return (
        <Field
          label="New shape"
          name="shape"
          className="mono"
          defaultValue={shape.join(', ')}
          hint="The elements stay in their order. One size may be -1: what the others leave. Empty: a scalar."
        />
      );
    case 'transpose':
      return (
        <Field
          label="Order of the axes"
          name="axes"
          className="mono"
          defaultValue={shape.map((_, axis) => shape.length - 1 - axis).join(', ')}
          hint="The former axes in their new order, counted from 0."
        />
      );
    case 'slice':
      return (
        <>
          <Field
            label="Slice"
            name="slice"
            className="mono"
            defaultValue={shape.map((size) => `0:${size}`).join(', ')}
            hint="As NumPy's: 0:4, -1 or ::2 for each axis."
          />
          <Field label="Name of the result" name="to" className="mono" hint="Empty: it takes the tensor's place." />
        </>
      );
    case 'split':
      return <SplitFields shape={shape} />;
  }
}

function SplitFields({ shape: [size = 0] }: { readonly shape: readonly number[] }) {
  const id = useId();
  const half = Math.floor(size / 2);
  return (
    <>
      <Field label="Axis" name="axis" inputMode="numeric" className="mono" defaultValue="0" required />
      <Field
        label="Sizes"
        name="sizes"
        className="mono"
        defaultValue={`${half}, ${size - half}`}
        hint="Of the parts along the axis, between commas."
      />
      <Field label="Names of the parts" name="names" className="mono" hint="Between commas. Empty: NAME.0, NAME.1, …" />
      <span className="checkbox">
        <input type="checkbox" id={id} name="keep" />
        <label htmlFor={id}>Keep the tensor beside its parts</label>
      </span>
    </>
  );
}
