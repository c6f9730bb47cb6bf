import { UnsupportedDTypeError } from '../../errors.ts';
import type { DType } from '../../ndarray/dtype.ts';
import type { Shape } from '../../ndarray/shape.ts';
import { bytesField, type Edit, type Piece, varintField } from '../protobuf/patch.ts';
import { encodeVarint } from '../protobuf/wire.ts';
import { dataTypeNumber } from './data-types.ts';
import type { FoundTensor } from './graph.ts';
import { TENSOR } from './schema.ts';
import type { TensorMessage } from './tensor-message.ts';

/**
 * What has to change in a model's file for a tensor to be called `name`: every place in the graph, and in the
 * graphs inside, that names its value; and the name that the tensor itself bears, which need not be the same.
 */
export function renameEdits<V>({ message, scope, value }: FoundTensor, name: string): Edit<V>[] {
  const pieces: readonly Piece<V>[] = [{ from: 'bytes', bytes: Buffer.from(name) }];
  const places = value === '' ? [] : scope.placesOf(value);
  const { nameSpan } = message;
  const isOwn = nameSpan !== null && !places.some(({ start }) => start === nameSpan.start);
  const named = isOwn ? [...places, { start: nameSpan.start, stop: nameSpan.stop }] : places;
  if (value === '' && !nameSpan) return [{ kind: 'append', at: message, pieces: bytesField(TENSOR.name, pieces) }];
  return named.map((at) => ({ kind: 'replace', at, pieces }));
}

/** The tensor goes from its graph; nodes that take its value then have none. */
export function deleteEdit<V>({ field }: FoundTensor): Edit<V> {
  return { kind: 'remove', at: field };
}

/** New elements as `raw_data`, whatever field had the old ones. External data lie in their own file: not by this. */
export function valueEdits<V>(message: TensorMessage, pieces: readonly Piece<V>[]): Edit<V>[] {
  if (message.raw) return [{ kind: 'replace', at: message.raw, pieces }];
  const removed = message.typed.flatMap(({ runs }) => runs.map(({ at, stop }) => ({ start: at, stop })));
  return [
    ...removed.map((at) => ({ kind: 'remove', at }) as const),
    { kind: 'append', at: message, pieces: bytesField(TENSOR.rawData, pieces) },
  ];
}

/** Another dtype and shape; the elements follow by `valueEdits`. @throws UnsupportedDTypeError */
export function typeEdits<V>(message: TensorMessage, dtype: DType, shape: Shape): Edit<V>[] {
  const number = dataTypeNumber(dtype);
  if (number === undefined) {
    throw new UnsupportedDTypeError(`ONNX cannot store ${dtype} (${JSON.stringify(message.name)}): cast it first.`, {
      dtype,
      format: 'onnx',
    });
  }
  const type: readonly Piece<V>[] = [{ from: 'bytes', bytes: encodeVarint(number) }];
  const dims = shape.map((size) => varintField<V>(TENSOR.dims, size));
  return [
    message.dataTypeSpan
      ? { kind: 'replace', at: message.dataTypeSpan, pieces: type }
      : { kind: 'append', at: message, pieces: [varintField(TENSOR.dataType, number)] },
    ...message.dimsSpans.map((at) => ({ kind: 'remove', at }) as const),
    ...(dims.length > 0 ? [{ kind: 'append', at: message, pieces: dims } as const] : []),
  ];
}
