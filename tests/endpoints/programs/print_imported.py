"""Imports the app.py of the function that is named, and prints the modules that this imported."""

import importlib
import sys

sys.path[:0] = ["layers/shared", f"functions/{sys.argv[1]}"]
importlib.import_module("app")
names = [name for name in sys.modules if "." not in name or name.startswith("assistants_api")]
sys.stdout.write("\n".join(names))
