"""Every name, shape and dtype through the reference library."""
import sys

from report import report

from safetensors import safe_open

with safe_open(sys.argv[1], framework="numpy") as file:
    listed = [(name, file.get_slice(name).get_shape(), file.get_slice(name).get_dtype()) for name in file.keys()]
report(1 if listed else 0)
