/** The summary that `parascope inspect` prints: `list.mjs FILE`, by the command line's own program. */
import { performance } from 'node:perf_hooks';
import { report } from './report.mjs';

const begun = performance.now();
const [, , path] = process.argv;
process.argv = [process.argv[0], process.argv[1], 'inspect', path];
const write = process.stdout.write.bind(process.stdout);
let printed = 0;
process.stdout.write = (text) => {
  printed += text.length;
  return true;
};
// The command line ends when nothing is left to do.
process.once('beforeExit', () => {
  process.stdout.write = write;
  report(begun, { check: printed > 0 ? 1 : 0 });
});
await import('../../../../dist/cli/parascope.js');
