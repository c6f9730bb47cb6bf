import { Examiner } from './examiner.mjs';
import { mutate } from './mutators/mutate.mjs';
import { Random, seedOf } from './random.mjs';
import { seedsByFormat } from './seeds.mjs';

/** Two faults of one kind are one finding: numbers, names and places of a message do not count. */
export function kindOf({ fault, stack = '' }) {
  const place = /(?:dist|core)\/[\w/.-]+?\.js:\d+/.exec(stack)?.[0] ?? '';
  return `${fault.replace(/"[^"]*"|'[^']*'|\d+|[\w-]+\.\w+/g, '#').slice(0, 120)} ${place}`;
}

/** The damaged checkpoint of one execution: the same for the same seed, format and number. */
export function inputOf(seeds, random) {
  const sound = seeds.filter(({ id }) => !id.includes('malformed'));
  const original = random.pick(random.chance(0.85) ? sound : seeds);
  const files = new Map(original.files);
  const names = [...files.keys()];
  for (let i = random.pick([1, 1, 1, 1, 1, 1, 2, 2, 2, 5]); i > 0; i--) {
    const name = random.chance(0.75) ? original.main : random.pick(names);
    const other = random.pick(seeds);
    files.set(name, mutate(files.get(name), random, other.files.get(other.main)));
  }
  return { files, main: original.main, from: original.id };
}

/**
 * Damages the fixtures of each format in turn and looks at what Parascope does, until `executions` are
 * done or `seconds` have passed. Calls `onFinding` with each fault of a new kind.
 */
export async function runCampaign({ seed, formats, executions = Infinity, seconds = Infinity, onFinding, onProgress }) {
  const corpus = seedsByFormat();
  const wanted = formats ?? [...corpus.keys()];
  const counts = new Map(wanted.map((format) => [format, { executions: 0, opened: 0 }]));
  const kinds = new Set();
  const until = Date.now() + seconds * 1000;
  const examiner = new Examiner();
  try {
    for (let i = 0; i < executions && Date.now() < until; i++) {
      const format = wanted[i % wanted.length];
      const number = Math.floor(i / wanted.length);
      const own = seedOf(seed, format, number);
      const input = inputOf(corpus.get(format), new Random(own));
      const result = await examiner.examine(input, { seed: own });
      const count = counts.get(format);
      count.executions += 1;
      if (result.format) count.opened += 1;
      for (const fault of result.faults) {
        const kind = kindOf(fault);
        if (kinds.has(kind)) continue;
        kinds.add(kind);
        await onFinding({ ...fault, kind, format, number, input, own, examiner });
      }
      onProgress?.(i + 1, counts);
    }
  } finally {
    await examiner.close();
  }
  return { counts, findings: kinds.size };
}
