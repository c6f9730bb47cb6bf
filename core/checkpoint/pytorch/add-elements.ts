import { UnsupportedDTypeError } from '../../errors.ts';
import { bytesFor, type DType, dtypeInfo } from '../../ndarray/dtype.ts';
import { decodeFloat, encodeFloat, FLOAT_FORMATS, isSmallFloat } from '../../ndarray/float-format.ts';

/** Adds `addend` to `target`, element by element, each sum rounded to the dtype; integers wrap around. */
export function addElements(dtype: DType, target: Uint8Array, addend: Uint8Array): void {
  const part = partOf(dtype);
  const size = bytesFor(part, 1);
  const [sums, addends] = [viewOf(target), viewOf(addend)];
  for (let at = 0; at < target.length; at += size) addOne(part, at, { sums, addends });
}

/** Complex numbers add up by their parts. */
function partOf(dtype: DType): DType {
  switch (dtype) {
    case 'complex32':
      return 'float16';
    case 'complex64':
      return 'float32';
    case 'complex128':
      return 'float64';
    default:
      return dtype;
  }
}

interface Operands {
  readonly sums: DataView;
  readonly addends: DataView;
}

function addOne(dtype: DType, at: number, { sums, addends }: Operands): void {
  const { kind, bits } = dtypeInfo(dtype);
  if (isSmallFloat(dtype) && bits >= 8) addSmallFloat(dtype, at, { sums, addends });
  else if (dtype === 'float32') sums.setFloat32(at, sums.getFloat32(at, true) + addends.getFloat32(at, true), true);
  else if (dtype === 'float64') sums.setFloat64(at, sums.getFloat64(at, true) + addends.getFloat64(at, true), true);
  else if (kind === 'bool') sums.setUint8(at, sums.getUint8(at) | addends.getUint8(at));
  else if (bits === 8) sums.setUint8(at, sums.getUint8(at) + addends.getUint8(at));
  else if (bits === 16) sums.setUint16(at, sums.getUint16(at, true) + addends.getUint16(at, true), true);
  else if (bits === 32) sums.setUint32(at, sums.getUint32(at, true) + addends.getUint32(at, true), true);
  else if (bits === 64) sums.setBigUint64(at, sums.getBigUint64(at, true) + addends.getBigUint64(at, true), true);
  else throw new UnsupportedDTypeError(`Values of ${dtype} at one place cannot be added up.`, { dtype });
}

function addSmallFloat(dtype: keyof typeof FLOAT_FORMATS, at: number, { sums, addends }: Operands): void {
  const format = FLOAT_FORMATS[dtype];
  const wide = dtypeInfo(dtype).bits === 16;
  const read = (view: DataView): number => decodeFloat(format, wide ? view.getUint16(at, true) : view.getUint8(at));
  const code = encodeFloat(format, read(sums) + read(addends));
  if (wide) sums.setUint16(at, code, true);
  else sums.setUint8(at, code);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
