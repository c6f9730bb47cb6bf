/** What people run: a command of the command line, its output taken as JSON: `command.mjs inspect|stats|diff ARGUMENTS…`. */
import { performance } from 'node:perf_hooks';
import { report } from './report.mjs';

/** What of a command's findings a peer finds too. */
const CHECKS = {
  inspect: ({ tensors }) => tensors.length > 0,
  stats: (byName) => {
    const means = Object.values(byName).map(({ mean }) => mean);
    return means.reduce((sum, mean) => sum + mean, 0) / means.length;
  },
  diff: ({ changed }) => changed.reduce((sum, { changedCount }) => sum + changedCount, 0),
};

const begun = performance.now();
const [, , command, ...words] = process.argv;
process.argv = [process.argv[0], process.argv[1], command, ...words];
const write = process.stdout.write.bind(process.stdout);
const printed = [];
process.stdout.write = (text) => {
  printed.push(text);
  return true;
};
// The command line ends when nothing is left to do.
process.once('beforeExit', () => {
  process.stdout.write = write;
  const check = words.includes('--json') ? CHECKS[command](JSON.parse(printed.join(''))) : printed.length > 0;
  report(begun, { check: Number(check) });
  // Differences were looked for.
  if (command === 'diff' && process.exitCode === 1) process.exitCode = 0;
});
await import('../../../../dist/cli/parascope.js');
