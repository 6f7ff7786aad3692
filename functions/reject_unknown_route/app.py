"""$default: whatever no other route takes"""

import json
from collections.abc import Iterator
from pathlib import Path

from assistants_api import documentation
from assistants_api.errors import MethodNotAllowed
from assistants_api.http import Event, Response, http_handler, json_response

# The methods of each path of template.yaml, written by `make openapi`.
ROUTES: dict[str, list[str]] = json.loads(Path(__file__).with_name("routes.json").read_text())
# Where people look for the documentation, and the way from there. It is relative, since a domain may map a path to us.
FRONT_DOORS = {"/": "docs", "/docs/": "../docs"}


@http_handler
def handler(event: Event) -> Response:
    http = event["requestContext"]["http"]
    method, path = http["method"], http["path"][:200]
    if path in FRONT_DOORS and method in ("GET", "HEAD") and documentation.is_shown():
        content = {"success": True, "docs": "/docs", "openapi": "/api/openapi.json"}
        return json_response(302, content, {"location": FRONT_DOORS[path]})
    for pattern, methods in routes():
        if is_path_of(pattern, path) and method not in methods:
            raise MethodNotAllowed(method, path, methods)
    raise documentation.not_found(event)


def routes() -> Iterator[tuple[str, list[str]]]:
    """Those that this deployment shows."""
    for pattern, methods in ROUTES.items():
        if documentation.is_shown() or not pattern.startswith(documentation.PATHS):
            yield pattern, methods


def is_path_of(pattern: str, path: str) -> bool:
    """Whether the path has the parts of the pattern, where a part such as `{assistantId}` stands for any text."""
    parts, given = pattern.split("/"), path.split("/")
    pairs = zip(parts, given, strict=False)
    return len(parts) == len(given) and all(part == it or (part.startswith("{") and it) for part, it in pairs)
