/** ONNX models written by hand, field by field. */

export type Part = Buffer;

function varint(value: bigint | number): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

export function number(field: number, value: bigint | number): Part {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

export function bytes(field: number, value: Uint8Array | string): Part {
  const content = Buffer.from(value as Uint8Array);
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

export function message(field: number, ...parts: readonly Part[]): Part {
  return bytes(field, Buffer.concat(parts));
}

export function packed(field: number, values: readonly (bigint | number)[]): Part {
  return bytes(field, Buffer.concat(values.map(varint)));
}

export function fixed32(field: number, value: number): Part {
  const content = Buffer.alloc(4);
  content.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), content]);
}

export function fixed64(field: number, value: number): Part {
  const content = Buffer.alloc(8);
  content.writeDoubleLE(value);
  return Buffer.concat([varint(field * 8 + 1), content]);
}

/** The fields of a TensorProto. */
export function tensor(name: string, type: number, dims: readonly number[], ...data: readonly Part[]): Part[] {
  return [...dims.map((size) => number(1, size)), number(2, type), ...data, bytes(8, name)];
}

/** A NodeProto's fields. */
export function node(
  opType: string,
  {
    inputs = [],
    outputs = [],
    name = '',
    attributes = [],
  }: {
    readonly inputs?: readonly string[];
    readonly outputs?: readonly string[];
    readonly name?: string;
    readonly attributes?: readonly Part[];
  },
): Part[] {
  return [
    ...inputs.map((input) => bytes(1, input)),
    ...outputs.map((output) => bytes(2, output)),
    ...(name === '' ? [] : [bytes(3, name)]),
    bytes(4, opType),
    ...attributes,
  ];
}

/** A model with a graph of these fields. */
export function model(...graph: readonly Part[]): Buffer {
  return Buffer.concat([number(1, 10), message(7, ...graph), message(8, number(2, 20))]);
}

/** A model whose one initializer has these fields. */
export function modelOf(...fields: readonly Part[]): Buffer {
  return model(message(5, ...fields));
}
