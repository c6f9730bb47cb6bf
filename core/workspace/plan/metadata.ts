import { InvalidArgumentError, NotFoundError } from '../../errors.ts';
import type { DocumentState } from '../state/document-state.ts';
import type { PlannedEdit } from './planned-edit.ts';
import { isEncodable } from './text.ts';

export function planMetadata(state: DocumentState, { key, value }: { key: string; value: string | null }): PlannedEdit {
  if (state.format === 'mxnet') {
    throw new InvalidArgumentError(
      'MXNet parameter files have no place for metadata: save or convert the file to .safetensors first.',
      { key },
    );
  }
  const before = state.metadata;
  const after = new Map(before);
  if (value === null) {
    if (!after.delete(key)) throw new NotFoundError(`The metadata has no key '${key}'.`, { key });
  } else {
    if (!isEncodable(key) || !isEncodable(value)) {
      throw new InvalidArgumentError('Metadata cannot hold half of a surrogate pair: UTF-8 has no way to express it.', {
        key,
      });
    }
    after.set(key, value);
  }
  const label = value === null ? `Remove metadata ${key}` : `Set metadata ${key}`;
  return { label, tensors: 0, change: { tensors: [], metadata: { before, after } } };
}
