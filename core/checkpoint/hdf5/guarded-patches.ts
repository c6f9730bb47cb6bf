import { metadataChecksum } from './checksum.ts';
import type { GuardedBlock, HdfBytes } from './fields.ts';

/** Bytes that take the place of others; `address` counts as the file's addresses do. */
export interface HdfPatch {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** `patches`, and with them the new checksums of those of `blocks` that they reach into. */
export async function withChecksums(
  file: HdfBytes,
  patches: readonly HdfPatch[],
  blocks: readonly GuardedBlock[],
): Promise<HdfPatch[]> {
  const sealed = [...patches];
  for (const block of distinct(blocks)) {
    const inside = patches.filter((patch) => reaches(patch, block));
    if (inside.length === 0) continue;
    const bytes = Buffer.from(await file.bytes.bytes(block.address, block.nbytes, 'a structure'));
    for (const { address, bytes: patch } of inside) bytes.set(patch, address - block.address);
    const end = block.nbytes - 4;
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(metadataChecksum(bytes.subarray(0, end)));
    sealed.push({ address: block.address + end, bytes: checksum });
  }
  return sealed;
}

function reaches({ address, bytes }: HdfPatch, block: GuardedBlock): boolean {
  return address >= block.address && address + bytes.length <= block.address + block.nbytes;
}

function distinct(blocks: readonly GuardedBlock[]): Iterable<GuardedBlock> {
  return new Map(blocks.map((block) => [block.address, block])).values();
}
