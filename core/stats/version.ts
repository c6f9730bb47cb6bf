/**
 * Raised with every change of what `TensorEngine.stats` gives for the same bytes: what earlier versions found
 * is then computed anew.
 */
export const STATISTICS_VERSION = 2;
