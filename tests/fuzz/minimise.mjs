import { kindOf } from './campaign.mjs';

const MAX_TRIES = 150;

/** The finding's file with as much cut out as leaves the same fault. */
export async function minimised({ kind, input, own, examiner }) {
  const { main } = input;
  let files = input.files;
  let tries = 0;
  const fails = async (candidate) => {
    tries += 1;
    const { faults } = await examiner.examine({ files: candidate, main }, { seed: own });
    return faults.some((fault) => kindOf(fault) === kind);
  };
  for (
    let piece = Math.floor(files.get(main).length / 2);
    piece > 0 && tries < MAX_TRIES;
    piece = Math.floor(piece / 2)
  ) {
    for (let at = 0; at < files.get(main).length && tries < MAX_TRIES; ) {
      const bytes = files.get(main);
      const candidate = new Map(files).set(main, Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + piece)]));
      if (await fails(candidate)) files = candidate;
      else at += piece;
    }
  }
  return { ...input, files };
}
