import type { Case } from './case.ts';
import { FIGURE_CASES } from './figure-cases.ts';
import { LIFE_CASES } from './life-cases.ts';
import { OPERATOR_CASES } from './operator-cases.ts';
import { STORAGE_CASES } from './storage-cases.ts';

/** What every backend that serves `gpu(i)` promises. */
export const CASES: readonly Case[] = [...STORAGE_CASES, ...FIGURE_CASES, ...OPERATOR_CASES, ...LIFE_CASES];
