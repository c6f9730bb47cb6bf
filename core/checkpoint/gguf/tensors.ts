import { bytesFor, groupElements } from '../../ndarray/dtype.ts';
import { elementCount, formatShape, type Shape } from '../../ndarray/shape.ts';
import type { GGUFCursor } from './cursor.ts';
import { type TensorType, tensorType, unknownType } from './tensor-types.ts';

/** One tensor as the head describes it, and where it does. */
export interface GGUFTensor {
  readonly name: string;
  readonly type: TensorType;
  /** Row-major: the reverse of ggml's `ne`. */
  readonly shape: Shape;
  readonly nbytes: number;
  /** Of the file, not of its data section. */
  readonly offset: number;
  /** Bytes of the file: where the description begins, where its type stands (the offset follows), where it ends. */
  readonly at: number;
  readonly typeAt: number;
  readonly stop: number;
}

/** ggml has 4 and the specification speaks of more to come. */
const MAX_AXES = 8;
/** ggml allows 63 bytes; other writers do more. */
const MAX_NAME = 65_535;

export interface TensorSection {
  readonly tensors: readonly GGUFTensor[];
  readonly tensorsStop: number;
  readonly dataStart: number;
}

type Described = Omit<GGUFTensor, 'offset'> & { readonly relative: number };

/** Reads the descriptions of tensors, and checks that what they describe lies in the file, apart from each other. */
export async function readTensors(
  cursor: GGUFCursor,
  { count, alignment }: { readonly count: number; readonly alignment: number },
): Promise<TensorSection> {
  const described: Described[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const tensor = await readTensor(cursor, i);
    if (names.has(tensor.name)) cursor.fail(`two tensors are named ${JSON.stringify(tensor.name)}`, tensor.at);
    names.add(tensor.name);
    described.push(tensor);
  }
  const tensorsStop = cursor.position;
  const dataStart = Math.ceil(tensorsStop / alignment) * alignment;
  const tensors = described.map(({ relative, ...tensor }) => ({ ...tensor, offset: dataStart + relative }));
  for (const tensor of tensors) checkInside(cursor, tensor);
  checkApart(cursor, tensors);
  return { tensors, tensorsStop, dataStart };
}

async function readTensor(cursor: GGUFCursor, index: number): Promise<Described> {
  const at = cursor.position;
  const name = await cursor.name(`the name of tensor ${index}`, MAX_NAME);
  const what = `tensor ${JSON.stringify(name)}`;
  await cursor.need(4, what);
  const axes = cursor.u32();
  if (axes > MAX_AXES)
    cursor.fail(`${what} is said to have ${axes} axes; the most is ${MAX_AXES}`, cursor.position - 4);
  await cursor.need(axes * 8 + 12, what);
  const sizes = Array.from({ length: axes }, () => cursor.size64(`a size of ${what}`));
  const shape = sizes.toReversed();
  const typeAt = cursor.position;
  const number = cursor.u32();
  const type = tensorType(number) ?? cursor.fail(`${what} is ${unknownType(number)}`, typeAt);
  const relative = cursor.size64(`the offset of ${what}`);
  const group = groupElements(type.dtype);
  if ((sizes[0] ?? 1) % group !== 0) {
    cursor.fail(`${what} of shape ${formatShape(shape)} is ${type.name}, whose rows are multiples of ${group}`, typeAt);
  }
  const nbytes = bytesFor(type.dtype, elementCount(shape));
  if (!Number.isSafeInteger(nbytes)) cursor.fail(`${what} has the shape ${formatShape(shape)}, which is too large`, at);
  return { name, type, shape, nbytes, relative, at, typeAt, stop: cursor.position };
}

function checkInside(cursor: GGUFCursor, { name, offset, nbytes, typeAt }: GGUFTensor): void {
  const missing = offset + nbytes - cursor.size;
  if (missing <= 0) return;
  cursor.fail(
    `tensor ${JSON.stringify(name)} should take bytes ${offset} to ${offset + nbytes}, ` +
      `${missing} more than the file has: it is cut short or damaged`,
    typeAt,
  );
}

function checkApart(cursor: GGUFCursor, tensors: readonly GGUFTensor[]): void {
  const sorted = tensors.filter(({ nbytes }) => nbytes > 0).sort((a, b) => a.offset - b.offset);
  sorted.forEach((tensor, i) => {
    const before = sorted[i - 1];
    if (!before || before.offset + before.nbytes <= tensor.offset) return;
    cursor.fail(
      `tensors ${JSON.stringify(before.name)} and ${JSON.stringify(tensor.name)} share bytes from ${tensor.offset} on`,
      tensor.typeAt,
    );
  });
}
