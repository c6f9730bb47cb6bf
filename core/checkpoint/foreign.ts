/** What people take for a checkpoint and is none, or is one of a format that this version does not read. */
export interface ForeignFile {
  /** With its article: "a GGUF file". */
  readonly what: string;
  /** What to do about it, as a sentence; null where only another format would help. */
  readonly advice: string | null;
}

interface Signature extends ForeignFile {
  readonly matches: (head: Buffer, name: string) => boolean;
}

function startsWith(...bytes: readonly number[]): (head: Buffer) => boolean {
  const magic = Buffer.from(bytes);
  return (head) => head.subarray(0, magic.length).equals(magic);
}

function textStartsWith(pattern: RegExp): (head: Buffer) => boolean {
  return (head) => pattern.test(head.toString('latin1', 0, 256));
}

const isZip = startsWith(0x50, 0x4b, 0x03, 0x04);

/** What stands where a checkpoint should, under its very name. */
const IMPOSTORS: readonly Signature[] = [
  {
    what: 'a Git LFS pointer, not the weights themselves',
    advice: 'Run "git lfs pull" in its repository, or download the file itself.',
    matches: textStartsWith(/^version https:\/\/git-lfs\./),
  },
  {
    what: 'a web page (HTML), not a checkpoint',
    advice: 'The download went wrong or wanted a login; fetch the file again.',
    matches: textStartsWith(/^(?:\xef\xbb\xbf)?\s*<(?:!doctype|!--|html|head|body|\?xml)/i),
  },
  {
    what: 'a git-annex pointer, not the weights themselves',
    advice: 'Run "git annex get" in its repository, or download the file itself.',
    matches: textStartsWith(/^\/annex\/objects\//),
  },
];

const NO_WEIGHTS = 'It holds no weights.';
const UNPACK = 'Unpack it and open the checkpoint inside.';

const SIGNATURES: readonly Signature[] = [
  {
    what: 'a model in a file format that came before GGUF (GGML, GGMF, GGJT or GGLA)',
    advice: 'Convert it to GGUF with an older release of llama.cpp, or convert the original model again.',
    matches: textStartsWith(/^(?:lmgg|fmgg|tjgg|algg)/),
  },
  {
    what: 'a PyTorch archive (zip with a pickle inside)',
    advice: null,
    matches: (head, name) => isZip(head) && (/\.(pt|pth|bin|ckpt)$/.test(name) || head.includes('data.pkl')),
  },
  { what: 'a zip archive', advice: UNPACK, matches: isZip },
  { what: 'a gzip archive', advice: UNPACK, matches: startsWith(0x1f, 0x8b) },
  { what: 'a bzip2 archive', advice: UNPACK, matches: textStartsWith(/^BZh[1-9]1AY&SY/) },
  { what: 'an xz archive', advice: UNPACK, matches: startsWith(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0) },
  { what: 'a Zstandard archive', advice: UNPACK, matches: startsWith(0x28, 0xb5, 0x2f, 0xfd) },
  { what: 'a 7-Zip archive', advice: UNPACK, matches: startsWith(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c) },
  { what: 'a RAR archive', advice: UNPACK, matches: startsWith(0x52, 0x61, 0x72, 0x21, 0x1a, 0x07) },
  { what: 'a PDF document', advice: NO_WEIGHTS, matches: textStartsWith(/^%PDF-/) },
  { what: 'a picture', advice: NO_WEIGHTS, matches: startsWith(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a) },
  { what: 'a picture', advice: NO_WEIGHTS, matches: startsWith(0xff, 0xd8, 0xff) },
  { what: 'a picture', advice: NO_WEIGHTS, matches: textStartsWith(/^GIF8[79]a/) },
  { what: 'a program', advice: NO_WEIGHTS, matches: startsWith(0x7f, 0x45, 0x4c, 0x46) },
  {
    what: 'a Python pickle (older PyTorch files are pickles)',
    advice: null,
    matches: (head) => head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5,
  },
  { what: 'an MXNet parameter file', advice: null, matches: startsWith(0x12, 0x01, 0, 0, 0, 0, 0, 0) },
  { what: 'a JSON file without a "weight_map"', advice: null, matches: textStartsWith(/^\s*\{\s*["}]/) },
];

/** Names a file that only bears a checkpoint's name; asked before any format is. */
export function recognizeImpostor(head: Buffer): ForeignFile | undefined {
  return IMPOSTORS.find(({ matches }) => matches(head, ''));
}

/** Names a file by its first bytes and, where those leave it open, by the end of its name. */
export function recognizeForeign(head: Buffer, name: string): ForeignFile | undefined {
  const lower = name.toLowerCase();
  return SIGNATURES.find(({ matches }) => matches(head, lower));
}
