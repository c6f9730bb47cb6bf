"""The obvious way: one torch call after the other."""
import sys

from report import report

import torch
from tensors import tensors


def scan(dtype, x):
    x = torch.from_numpy(x) if dtype == "F32" else torch.from_numpy(x.view("int16")).view(torch.bfloat16).float()
    (x == 0).sum(), torch.isnan(x).sum(), torch.isinf(x).sum()
    torch.aminmax(x), x.std(), x.norm(), torch.histc(x, bins=64)
    return x.mean(dtype=torch.float64).item()


means = [scan(dtype, x) for _, dtype, x in tensors(sys.argv[1])]
report(sum(means) / len(means))
