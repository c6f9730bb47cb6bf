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

const SIGNATURES: readonly Signature[] = [
  {
    what: 'a Git LFS pointer, not the weights themselves',
    advice: 'Run "git lfs pull" in its repository, or download the file itself.',
    matches: textStartsWith(/^version https:\/\/git-lfs\./),
  },
  {
    what: 'a web page (HTML), not a checkpoint',
    advice: 'The download went wrong or wanted a login; fetch the file again.',
    matches: textStartsWith(/^\s*<(?:!doctype|html|head|body|\?xml)/i),
  },
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
  { what: 'a zip archive', advice: 'Unpack it and open the checkpoint inside.', matches: isZip },
  { what: 'a gzip archive', advice: 'Unpack it and open the checkpoint inside.', matches: startsWith(0x1f, 0x8b) },
  {
    what: 'a Python pickle (older PyTorch files are pickles)',
    advice: null,
    matches: (head) => head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5,
  },
  { what: 'an MXNet parameter file', advice: null, matches: startsWith(0x12, 0x01, 0, 0, 0, 0, 0, 0) },
  { what: 'a JSON file without a "weight_map"', advice: null, matches: textStartsWith(/^\s*\{\s*["}]/) },
];

/** Names a file by its first bytes and, where those leave it open, by the end of its name. */
export function recognizeForeign(head: Buffer, name: string): ForeignFile | undefined {
  const lower = name.toLowerCase();
  return SIGNATURES.find(({ matches }) => matches(head, lower));
}
