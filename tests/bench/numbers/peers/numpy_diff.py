"""The obvious way to what a diff says, tensor by tensor over memory maps."""
import sys

from report import report

import numpy as np
from tensors import tensors

changed = 0
for (_, _, a), (_, _, b) in zip(tensors(sys.argv[1]), tensors(sys.argv[2])):
    np.count_nonzero(np.isnan(a)), np.count_nonzero(np.isnan(b))
    difference = np.abs(a - b)
    most = difference.argmax()
    difference[most], difference.mean(), np.linalg.norm(a - b) / np.linalg.norm(a)
    np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
    differs = a != b
    differs.argmax()
    changed += int(np.count_nonzero(differs))
report(changed)
