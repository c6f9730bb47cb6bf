import type { EditedFile } from '../edits.ts';
import type { SourceFiles } from './source-files.ts';

/** What edits take values from beside the document. */
export interface PlanContext {
  readonly sources: SourceFiles;
  /** The edited files that the batch around the edit has. */
  readonly edited: readonly EditedFile[];
}
