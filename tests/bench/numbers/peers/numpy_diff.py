"""The obvious way, tensor by tensor over memory maps."""
import sys

from report import report

import numpy as np
from tensors import tensors

changed = 0
for (_, _, a), (_, _, b) in zip(tensors(sys.argv[1]), tensors(sys.argv[2])):
    difference = np.abs(a - b)
    difference.max(), difference.mean(), np.linalg.norm(a - b) / np.linalg.norm(a)
    np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
    changed += int(np.count_nonzero(a != b))
report(changed)
