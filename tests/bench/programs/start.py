"""What a process of Lambda's runtime imports until its init ends."""

import importlib
import os

import awslambdaric.__main__  # type: ignore[import-not-found]  # noqa: F401

importlib.import_module("app")
os._exit(0)
