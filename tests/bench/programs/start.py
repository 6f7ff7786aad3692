"""What a process of Lambda's runtime does until its init ends, and then with as many requests as the argument says. The
event of each comes from standard input."""

import importlib
import json
import os
import sys

import awslambdaric.__main__  # type: ignore[import-not-found]  # noqa: F401

app, requests = importlib.import_module("app"), int(sys.argv[1])
event = json.load(sys.stdin)
for _ in range(requests):
    assert app.handler(event, None)["statusCode"] == 200
os._exit(0)
