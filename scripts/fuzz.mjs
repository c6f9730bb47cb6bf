/**
 * `npm run fuzz -- [--seconds N] [--executions N] [--format F]… [--seed S] [--findings FOLDER]`: damages the
 * fixtures by what knows their structure and looks whether Parascope opens or refuses them as it should
 * (docs/security.md). Each fault of a new kind is minimised and written to FOLDER, by default
 * tests/output/fuzz. Ends with status 1 where there was one.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCampaign } from '../tests/fuzz/campaign.mjs';
import { minimised } from '../tests/fuzz/minimise.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    executions: { type: 'string' },
    format: { type: 'string', multiple: true },
    seed: { type: 'string' },
    findings: { type: 'string', default: 'tests/output/fuzz' },
  },
});

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const started = Date.now();
console.error(`fuzzing with seed ${seed}`);

async function report(finding) {
  const { format, number, fault, stack } = finding;
  const label = `${format}-${seed}-${number}`;
  console.error(`FOUND ${label} (from ${finding.input.from}): ${fault}\n${stack ?? ''}`);
  const { files } = await minimised(finding);
  const folder = join(values.findings, label);
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  writeFileSync(join(folder, 'fault.txt'), `${finding.input.main}\n${finding.own}\n${fault}\n`);
}

const { counts, findings } = await runCampaign({
  seed,
  formats: values.format,
  executions: values.executions ? Number(values.executions) : undefined,
  seconds: values.executions ? undefined : Number(values.seconds),
  onFinding: report,
});
const table = [...counts].map(([format, { executions, opened }]) => `${format} ${executions} (${opened} opened)`);
const total = [...counts.values()].reduce((sum, { executions }) => sum + executions, 0);
const seconds = Math.round((Date.now() - started) / 1000);
process.stdout.write(`seed ${seed}: ${total} executions in ${seconds} s, ${findings} findings; ${table.join(', ')}\n`);
process.exitCode = findings > 0 ? 1 : 0;
