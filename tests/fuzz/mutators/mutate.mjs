import { mutateBytes } from './bytes.mjs';
import { mutateFlatbuffer } from './flatbuffer.mjs';
import { mutateGguf } from './gguf.mjs';
import { mutateHdf5 } from './hdf5.mjs';
import { mutateJson } from './json.mjs';
import { mutateTable } from './leveldb.mjs';
import { mutateMsgpack } from './msgpack.mjs';
import { mutateMxnet } from './mxnet.mjs';
import { mutateNpy } from './npy.mjs';
import { mutatePickle } from './pickle.mjs';
import { mutateProtobuf } from './protobuf.mjs';
import { mutateSafetensors } from './safetensors.mjs';
import { mutateZip } from './zip.mjs';

/** A file changed by what knows its structure, or, one time in five, by bytes. `other` is a file to splice from. */
export function mutate(bytes, random, other) {
  if (bytes.length < 16 || random.chance(0.2)) return mutateBytes(bytes, random, other);
  const structured = mutatorOf(bytes);
  try {
    return structured ? structured(bytes, random) : mutateBytes(bytes, random, other);
  } catch (error) {
    // What was damaged before has no structure to follow any more.
    if (!(error instanceof RangeError)) throw error;
    return mutateBytes(bytes, random, other);
  }
}

function mutatorOf(bytes) {
  const head = bytes.toString('latin1', 0, 8);
  if (head.startsWith('PK\x03\x04')) return (zip, random) => mutateZip(zip, random, mutate);
  if (head.startsWith('GGUF')) return mutateGguf;
  if (head.startsWith('\x89HDF')) return mutateHdf5;
  if (head.startsWith('\x93NUMPY')) return mutateNpy;
  if (head.slice(4) === 'TFL3') return mutateFlatbuffer;
  if (head.startsWith('\x12\x01\0\0')) return mutateMxnet;
  if (bytes[8] === 0x7b && bytes.readUInt32LE(4) === 0) return mutateSafetensors;
  if (head.startsWith('{')) return textMutator;
  if (bytes.subarray(-8).toString('hex') === '57fb808b247547db') return mutateTable;
  const [first, second] = bytes;
  if (first === 0x80 ? second >= 2 && second <= 5 : '(c]}'.includes(head[0])) return mutatePickle;
  if ((first > 0x80 && first < 0x90) || first === 0xde || first === 0xdf) return mutateMsgpack;
  return first === 8 || first === 10 ? mutateProtobuf : null;
}

function textMutator(bytes, random) {
  const text = mutateJson(bytes.toString('utf8'), random);
  return text === null ? mutateBytes(bytes, random) : Buffer.from(text);
}
