import { createHash } from 'node:crypto';
import type { Checkpoint, Entry, ValueNode } from '../../../core/checkpoint/checkpoint.ts';
import type { ExpectedTensor } from '../../fixtures/catalog.ts';

/** What a checkpoint says of each tensor and array, in the terms of `.expected.json`. */
export async function listed(checkpoint: Checkpoint): Promise<Map<string, object>> {
  const found = new Map<string, object>();
  for (const entry of checkpoint.entries) {
    const { dtype, shape } = entry;
    found.set(entry.name, {
      dtype,
      shape,
      nbytes: entry.stored?.nbytes ?? entry.nbytes,
      sha256: await valueSum(checkpoint, entry),
    });
  }
  for (const { name, dtype, shape } of checkpoint.others ?? []) found.set(name, { dtype, shape });
  return found;
}

/** Of a tensor that is quantized the sum of what its numbers stand for. */
export function wanted({ dtype_norm, shape, nbytes, sha256, sha256_dequant_f32 }: ExpectedTensor): object {
  if (dtype_norm === 'string') return { dtype: dtype_norm, shape };
  return { dtype: dtype_norm, shape, nbytes, sha256: sha256_dequant_f32 ?? sha256 };
}

async function valueSum(checkpoint: Checkpoint, entry: Entry): Promise<string> {
  const hash = createHash('sha256');
  const middle = Math.floor(entry.nbytes / 3);
  hash.update(await checkpoint.read(entry, { start: 0, stop: middle }));
  hash.update(await checkpoint.read(entry, { start: middle, stop: entry.nbytes }));
  return hash.digest('hex');
}

/** The value at a path of keys. */
export function valueAt(nodes: readonly ValueNode[] | undefined, path: readonly string[]): ValueNode | undefined {
  const [key, ...rest] = path;
  const node = nodes?.find((candidate) => candidate.key === key);
  return rest.length === 0 ? node : valueAt(node?.children, rest);
}
