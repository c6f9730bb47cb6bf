/** Opens, edits, saves once and says at how many points it could have been killed. Argument: JSON of {path, state, edits, inPlace, at}. */
import { createWorkspace } from '../../dist/core/workspace/workspace.js';

const { path, state, edits, inPlace, at } = JSON.parse(process.argv[2]);
const workspace = createWorkspace({ stateDirectory: state, threads: 1 });
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
