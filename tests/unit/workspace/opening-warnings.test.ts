import { expect, test } from 'vitest';
import type { WorkspaceEvent } from '../../../core/workspace/summary.ts';
import { openWorkspace, scratchFolder } from './support.ts';

const UNSAFE = 'tests/fixtures/data/malformed/pt_builtins_eval_beside_weights.pt';
const ALSO_UNSAFE = 'tests/fixtures/data/malformed/pt_os_system_beside_weights.pt';

test('what a reader warns of goes with the document, whether a window listens or not', async () => {
  const workspace = openWorkspace(await scratchFolder());
  const events: WorkspaceEvent[] = [];
  workspace.subscribe((event) => events.push(event));
  const documents = await Promise.all([workspace.open(UNSAFE), workspace.open(ALSO_UNSAFE)]);
  const [first, second] = documents.map((document) => document.summary().warnings);
  expect(first).toEqual([expect.stringMatching(/builtins\.eval.*Nothing was executed/)]);
  expect(second).toEqual([expect.stringMatching(/os\.system.*Nothing was executed/)]);
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
});
