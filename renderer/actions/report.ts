import { failureOf, isCancelled } from '../api/errors.ts';
import { useNotices } from '../store/notices.ts';

/** Runs an action of the user's; its failure becomes one notice. Resolves to true where it went well. */
export async function reporting(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isCancelled(error)) useNotices.getState().add('error', failureOf(error).message);
    return false;
  }
}
