export interface ExamineInput {
  /** The files of a checkpoint by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Which of them is opened. */
  readonly main: string;
}

export interface ExamineOptions {
  /** What is read, edited and saved depends on it. */
  readonly seed?: number;
  /** How often (0 to 1) the file is opened as a document too, edited and saved. */
  readonly saves?: number;
}

export interface ExamineResult {
  /** Undefined where opening was refused. */
  readonly format?: string;
  readonly entries?: number;
  readonly names?: readonly string[];
  /** What lies beside the tensors, as JSON. */
  readonly values?: string;
  /** How things were refused, in their order. */
  readonly errors: readonly { readonly stage: string; readonly code: string; readonly message: string }[];
  /** What Parascope promises and did not keep. */
  readonly faults: readonly { readonly fault: string; readonly stack?: string }[];
  readonly cpuMs: number;
  readonly extraBytes: number;
}

export const MAX_CPU_MS: number;
export const MAX_EXTRA_BYTES: number;

export class Examiner {
  examine(input: ExamineInput, options?: ExamineOptions): Promise<ExamineResult>;
  close(): Promise<void>;
}
