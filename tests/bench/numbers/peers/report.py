"""What a contestant says when it is done: its own time, its peak memory, and what it found."""
import json
import resource
import time

begun = time.perf_counter()


def report(check):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - begun, "peakMiB": peak, "check": check}))
