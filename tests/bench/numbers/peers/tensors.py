"""The tensors of a safetensors file as NumPy arrays over a memory map; bfloat16 comes as its 16 bits."""
import json
import struct

import numpy as np

TYPES = {"F32": np.dtype("<f4"), "BF16": np.dtype("<u2")}


def tensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
    data = np.memmap(path, dtype=np.uint8, mode="r")[8 + length :]
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        yield name, entry["dtype"], data[begin:end].view(TYPES[entry["dtype"]])
