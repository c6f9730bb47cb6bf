import { openCheckpoint } from '../../../core/checkpoint/open.ts';
import { ParascopeError } from '../../../core/errors.ts';

/** Why a file is not opened. Throws where it is. */
export async function refusal(path: string): Promise<ParascopeError> {
  const error = await openCheckpoint(path).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ParascopeError) return error;
  throw new Error(`${path} was not refused: ${String(error)}`);
}
