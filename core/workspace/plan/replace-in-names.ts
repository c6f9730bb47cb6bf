import { runPattern } from './pattern-thread.ts';
import type { ReplaceReply, ReplaceRequest } from './replace-in-names.worker.ts';

/** Applies a user's regular expression to every name; throws what `runPattern` throws. */
export async function replaceInNames(
  names: readonly string[],
  { pattern, replacement }: { readonly pattern: string; readonly replacement: string },
): Promise<readonly string[]> {
  const request: ReplaceRequest = { names, pattern, replacement };
  const reply = await runPattern<ReplaceReply>(new URL('./replace-in-names.worker.js', import.meta.url), request);
  return reply.names;
}
