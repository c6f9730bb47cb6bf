import fc from 'fast-check';

/**
 * Properties are tried on the same values at every run, so that a run fails for what was changed and not by
 * chance. `PARASCOPE_SEED=random npm run test:unit` looks further; a number repeats what it found.
 */
const { PARASCOPE_SEED: asked = '20261122' } = process.env;

if (asked !== 'random') {
  const seed = Number(asked);
  if (!Number.isInteger(seed)) throw new Error(`PARASCOPE_SEED wants a whole number or 'random', got '${asked}'.`);
  fc.configureGlobal({ seed });
}
