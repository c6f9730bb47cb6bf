import type { DialogRequest } from '../store/dialogs.ts';
import { CastParameterDialog } from './CastParameterDialog.tsx';
import { InitializeDialog } from './InitializeDialog.tsx';
import { ProbeDialog } from './ProbeDialog.tsx';
import { ResetDevicesDialog } from './ResetDevicesDialog.tsx';

interface ParameterDialogProps {
  readonly request: Extract<DialogRequest, { kind: 'parameter' }>;
  readonly onClose: () => void;
}

export function ParameterDialog({ request, onClose }: ParameterDialogProps) {
  const { document, detail, question } = request;
  const target = { document, tensor: detail.id };
  switch (question) {
    case 'initialize':
      return <InitializeDialog target={target} parameter={detail.parameter} onClose={onClose} />;
    case 'reset-devices':
      return <ResetDevicesDialog target={target} parameter={detail.parameter} onClose={onClose} />;
    case 'cast':
      return <CastParameterDialog target={target} detail={detail} onClose={onClose} />;
    case 'probe':
      return <ProbeDialog target={target} detail={detail} onClose={onClose} />;
  }
}
