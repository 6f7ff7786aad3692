"""Prints where the import of a function's app.py spends its time."""

import cProfile
import importlib
import pstats
import time

profile = cProfile.Profile(time.process_time)
profile.runcall(importlib.import_module, "app")
for order in ("tottime", "cumtime"):
    pstats.Stats(profile).strip_dirs().sort_stats(order).print_stats(25)
