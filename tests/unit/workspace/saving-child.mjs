/** Edits and saves without end until it is killed; says on stdout what was acknowledged. Arguments: mode, checkpoint, state folder, first value. */
import { createWorkspace } from '../../../dist/core/workspace/workspace.js';

const [mode, path, stateDirectory, first] = process.argv.slice(2);
const workspace = createWorkspace({ stateDirectory, threads: 1 });
const document = await workspace.open(path);
if (document.summary().recovery) throw new Error('The parent has resumed or discarded what the last child left.');

for (let value = Number(first); ; value++) {
  await document.edit({ kind: 'fill', select: '*', value: String(value) });
  process.stdout.write(`edited ${value}\n`);
  if (mode !== 'in-place' && mode !== 'patch') {
    // A header of another length moves every tensor.
    await document.edit({ kind: 'metadata', key: 'note', value: 'x'.repeat((value * 13) % 97) });
    const last = document.listing().names.at(-1);
    await document.edit({ kind: 'rename', from: last, to: `renamed.${value}` });
  }
  await document.save({ inPlace: mode === 'in-place' });
  process.stdout.write(`saved ${value}\n`);
}
