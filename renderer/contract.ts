/** The one door between pages and core: types, never values (a test holds it to that). */
export type * from '../core/api/types.ts';
