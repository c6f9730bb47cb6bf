import { ParascopeError } from '../../dist/core/errors.js';

/** What a look at a hostile file may be refused with, by stage. */
const ALLOWED = {
  open: ['CHECKPOINT_FORMAT', 'UNSAFE_CHECKPOINT', 'FILE_ACCESS'],
  read: ['CHECKPOINT_FORMAT', 'UNSAFE_CHECKPOINT', 'FILE_ACCESS', 'UNSUPPORTED_DTYPE', 'OUT_OF_MEMORY'],
  document: ['CHECKPOINT_FORMAT', 'UNSAFE_CHECKPOINT', 'FILE_ACCESS', 'UNSUPPORTED_DTYPE', 'OUT_OF_MEMORY'],
  save: ['CHECKPOINT_FORMAT', 'UNSAFE_CHECKPOINT', 'FILE_ACCESS', 'UNSUPPORTED_DTYPE', 'OUT_OF_MEMORY'].concat([
    'INVALID_ARGUMENT',
    'INVALID_STATE',
    'SAVE_FAILED',
    'NOT_FOUND',
    'UNSUPPORTED_EDIT',
  ]),
};
/** Words of an engine, not of a program that talks to people. */
const INTERNAL =
  /Cannot read prop|is not (?:a function|iterable|defined)|out of bounds|call stack|\[object |Invalid (?:array|typed)|\bundefined\b.*\bundefined\b/;
const MAX_MESSAGE = 8000;

/** What is wrong with how something failed, as a sentence; null where it failed as it should. */
export function faultOf(stage, error) {
  if (!(error instanceof ParascopeError)) return `${stage}: ${error?.name}: ${error?.message}`;
  const { code, message, details } = error;
  if (!ALLOWED[stage].includes(code)) return `${stage}: ${code} for what the file holds: ${message}`;
  if (message.length === 0 || message.length > MAX_MESSAGE)
    return `${stage}: a message of ${message.length} characters`;
  if (INTERNAL.test(message)) return `${stage}: an engine's words: ${message}`;
  if (/does not pass the checks of its format/.test(message))
    return `${stage}: an invalid file was written: ${message}`;
  if (stage === 'open' && code !== 'FILE_ACCESS' && !names(message, details))
    return `${stage}: no file is named: ${message}`;
  return null;
}

function names(message, { file }) {
  return typeof file === 'string' && file.length > 0 && message.includes(file);
}
