import { createReadStream } from 'node:fs';
import { z } from 'zod';
import type { Edit } from '../edits.ts';
import { headerSchema, type JournalFile, type JournalHeader, recordSchema } from './format.ts';

export interface JournalContent {
  readonly header: JournalHeader;
  /** All edits that undo or redo can reach, done ones first. */
  readonly edits: readonly Edit[];
  readonly done: number;
  /** The states in which interrupted saves would have left the files, oldest first, with the edits done at that time. */
  readonly saves: readonly { readonly files: readonly JournalFile[]; readonly done: number }[];
  /** Bytes of whole lines; what follows is a line that a kill cut short. */
  readonly wholeBytes: number;
}

/** The journal breaks its format: nothing of it is used, and the file is kept for whoever wants to look. */
export class DamagedJournal extends Error {}

/**
 * Reads a journal line by line. A last line without its newline was never acknowledged and is
 * dropped; null where not even the header is whole. Throws `DamagedJournal` for anything else.
 */
export async function readJournal(path: string): Promise<JournalContent | null> {
  let header: JournalHeader | null = null;
  const edits: Edit[] = [];
  let done = 0;
  let wholeBytes = 0;
  const saves: { files: readonly JournalFile[]; done: number }[] = [];
  for await (const line of wholeLines(path)) {
    wholeBytes += line.length + 1;
    const text = line.toString('utf8');
    if (header === null) {
      header = parseLine(headerSchema, text, wholeBytes);
      continue;
    }
    const record = parseLine(recordSchema, text, wholeBytes);
    if ('edit' in record) {
      edits.length = done;
      edits.push(record.edit);
      done += 1;
    } else if ('undo' in record) done -= 1;
    else if ('redo' in record) done += 1;
    else saves.push({ files: record.saving, done });
    if (done < 0 || done > edits.length) {
      throw new DamagedJournal(`the line that ends at byte ${wholeBytes} undoes or redoes what is not there`);
    }
  }
  return header && { header, edits, done, saves, wholeBytes };
}

function parseLine<T>(schema: z.ZodType<T>, text: string, end: number): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new DamagedJournal(`the line that ends at byte ${end} is no JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new DamagedJournal(`the line that ends at byte ${end} is malformed: ${z.prettifyError(parsed.error)}`);
}

const NEWLINE = 0x0a;

async function* wholeLines(path: string): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, end)]);
      pending = [];
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
}
