import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DATA = fileURLToPath(new URL('../fixtures/data', import.meta.url));
const SUFFIX = '.expected.json';
/** Larger files say nothing that smaller ones do not. */
const MAX_BYTES = 300_000;
/** Fixtures that need the files beside them. */
const FOLDERS = /(tfjs|onnx\/external|tensorflow\/ckpt|gguf\/split|gpt2_sharded|malformed\/(index|tfjs)_)/;
/** What the fixtures call a format, and what the fuzzer does. */
const NAMES = new Map([
  ['safetensors-index', 'safetensors'],
  ['torchscript', 'pytorch'],
  ['flax-msgpack', 'flax'],
  ['tf-checkpoint', 'tensorflow'],
]);

/** A checkpoint to be damaged: its files by name, and which of them is opened. */
function seed(path) {
  const folder = dirname(path);
  const names = FOLDERS.test(path)
    ? readdirSync(folder).filter((name) => !name.endsWith(SUFFIX) && statSync(join(folder, name)).isFile())
    : [basename(path)];
  const files = new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
  const size = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  return { id: path.slice(DATA.length + 1), main: basename(path), files, size };
}

/** The bundled fixtures, sound and broken, by format: the same on every machine. */
export function seedsByFormat() {
  const byFormat = new Map();
  const names = readdirSync(DATA, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(SUFFIX));
  for (const name of names.sort()) {
    const { format } = JSON.parse(readFileSync(join(DATA, name), 'utf8'));
    const made = seed(join(DATA, name.slice(0, -SUFFIX.length)));
    if (made.size > MAX_BYTES || made.size === 0) continue;
    const key = NAMES.get(format) ?? format;
    byFormat.set(key, [...(byFormat.get(key) ?? []), made]);
  }
  return byFormat;
}
