/** Examines the checkpoints that its parent names, one after the other; ends with it. Environment: see examiner.mjs. */
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWorkspace } from '../../dist/core/workspace/workspace.js';
import { examine } from './examine.mjs';
import { Random } from './random.mjs';

const { PARASCOPE_FUZZ_SANDBOX: sandbox, PARASCOPE_FUZZ_NOTES: notes } = process.env;
const TRACE = '/tmp/FIXTURE_PICKLE_RAN';
const workspace = createWorkspace({ stateDirectory: join(sandbox, 'state'), threads: 1, journaling: false });

process.on('message', async ({ path, seed, saves }) => process.send(await measured({ path, seed, saves })));
process.on('disconnect', () => process.exit());
process.send('ready');

async function measured({ path, seed, saves }) {
  const work = { faults: [], errors: [] };
  const memory = startMemory();
  const cpu = process.cpuUsage();
  const unhandled = (error) =>
    work.faults.push({ fault: `unhandled: ${error?.name}: ${error?.message}`, stack: error?.stack });
  process.on('unhandledRejection', unhandled);
  process.on('uncaughtException', unhandled);
  try {
    await examine(path, { workspace, random: new Random(seed), out: join(sandbox, 'out'), saves, work });
  } catch (error) {
    work.faults.push({ fault: `${error?.name}: ${error?.message}`, stack: error?.stack });
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  process.off('uncaughtException', unhandled);
  const { user, system } = process.cpuUsage(cpu);
  for (const line of takeNotes()) work.faults.push({ fault: line });
  if (existsSync(TRACE)) work.faults.push({ fault: 'a pickle ran' });
  return { ...work, cpuMs: Math.round((user + system) / 1000), extraBytes: memory() };
}

function takeNotes() {
  if (statSync(notes).size === 0) return [];
  const lines = readFileSync(notes, 'utf8').trim().split('\n');
  truncateSync(notes);
  return [...new Set(lines)];
}

/** Resident bytes that come on top of those now, at most, until the function that comes back is called. */
function startMemory() {
  if (process.platform !== 'linux') {
    const before = process.resourceUsage().maxRSS;
    return () => (process.resourceUsage().maxRSS - before) * 1024;
  }
  writeFileSync('/proc/self/clear_refs', '5');
  const before = statusOf('VmRSS');
  return () => statusOf('VmHWM') - before;
}

function statusOf(field) {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
}
