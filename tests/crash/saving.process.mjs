/**
 * Opens, edits, saves once and says at how many points it could have been killed; with `opens` it only opens, which
 * finishes what an earlier kill left. Argument: JSON of {path, state, edits, inPlace, at, opens}.
 */
import { createWorkspace } from '../../dist/core/workspace/workspace.js';

const { path, state, edits, inPlace, at, opens } = JSON.parse(process.argv[2]);
const workspace = createWorkspace({ stateDirectory: state, threads: 1 });
if (opens) {
  await globalThis.armKillPoint(at);
  await workspace.open(path);
  process.exit();
}
const document = await workspace.open(path);
if (!document.summary().savable) {
  process.stdout.write(JSON.stringify({ unsavable: document.summary().unsavable }));
  process.exit();
}
for (const edit of edits) await document.edit(edit);
await globalThis.armKillPoint(at ?? Number.POSITIVE_INFINITY);
const { plan } = await document.save({ inPlace });
process.stdout.write(JSON.stringify({ plan, points: globalThis.killPoints() }));
process.exit();
