import type { DType } from '../../ndarray/dtype.ts';

/** `torch.float32` and its aliases, without the module. */
const BY_NAME: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['float64', 'float64'],
  ['double', 'float64'],
  ['float32', 'float32'],
  ['float', 'float32'],
  ['float16', 'float16'],
  ['half', 'float16'],
  ['bfloat16', 'bfloat16'],
  ['float8_e4m3fn', 'float8_e4m3fn'],
  ['float8_e4m3fnuz', 'float8_e4m3fnuz'],
  ['float8_e5m2', 'float8_e5m2'],
  ['float8_e5m2fnuz', 'float8_e5m2fnuz'],
  ['float8_e8m0fnu', 'float8_e8m0fnu'],
  ['float4_e2m1fn_x2', 'uint8'],
  ['int64', 'int64'],
  ['long', 'int64'],
  ['int32', 'int32'],
  ['int', 'int32'],
  ['int16', 'int16'],
  ['short', 'int16'],
  ['int8', 'int8'],
  ['uint8', 'uint8'],
  ['uint16', 'uint16'],
  ['uint32', 'uint32'],
  ['uint64', 'uint64'],
  ['bool', 'bool'],
  ['complex32', 'complex32'],
  ['chalf', 'complex32'],
  ['complex64', 'complex64'],
  ['cfloat', 'complex64'],
  ['complex128', 'complex128'],
  ['cdouble', 'complex128'],
  ['qint8', 'qint8'],
  ['quint8', 'quint8'],
  ['qint32', 'qint32'],
]);

/** The typed storages of torch/storage.py and of the `torch` module before it. */
const BY_STORAGE: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['DoubleStorage', 'float64'],
  ['FloatStorage', 'float32'],
  ['HalfStorage', 'float16'],
  ['BFloat16Storage', 'bfloat16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
  ['ComplexFloatStorage', 'complex64'],
  ['ComplexDoubleStorage', 'complex128'],
  ['QInt8Storage', 'qint8'],
  ['QUInt8Storage', 'quint8'],
  ['QInt32Storage', 'qint32'],
  ['UntypedStorage', 'uint8'],
  ['_UntypedStorage', 'uint8'],
]);

/** The dtype of a class such as `torch.FloatStorage` or `torch.cuda.FloatStorage`; that of an untyped storage is `uint8`. */
export function storageDType(qualifiedName: string): DType | undefined {
  if (!/^torch\.(?:[a-z_.]+\.)?\w+$/.test(qualifiedName)) return undefined;
  return BY_STORAGE.get(qualifiedName.slice(qualifiedName.lastIndexOf('.') + 1));
}

/** The dtype of a global such as `torch.float32`. */
export function torchDType(qualifiedName: string): DType | undefined {
  return qualifiedName.startsWith('torch.') ? BY_NAME.get(qualifiedName.slice('torch.'.length)) : undefined;
}

/** Every dtype global is a value, not a call: it is shown by its name. */
export function isTorchConstant(qualifiedName: string): boolean {
  return (
    torchDType(qualifiedName) !== undefined ||
    /^torch\.(?:per_(?:tensor|channel)_\w+|strided|sparse_\w+|\w+_format|quint4x2|quint2x4|bits\w+|u?int[1-7])$/.test(
      qualifiedName,
    )
  );
}
