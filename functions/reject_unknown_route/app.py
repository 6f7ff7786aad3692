"""$default: whatever no other route takes"""

import json
from pathlib import Path

from assistants_api.errors import MethodNotAllowed, RouteNotFound
from assistants_api.http import Event, Response, http_handler

# The methods of each path of template.yaml, written by `make openapi`.
ROUTES: dict[str, list[str]] = json.loads(Path(__file__).with_name("routes.json").read_text())


@http_handler
def handler(event: Event) -> Response:
    http = event["requestContext"]["http"]
    method, path = http["method"], http["path"][:200]
    for pattern, methods in ROUTES.items():
        if is_path_of(pattern, path) and method not in methods:
            raise MethodNotAllowed(method, path, methods)
    raise RouteNotFound(f"There is no {method} {path}; see /docs for the endpoints.")


def is_path_of(pattern: str, path: str) -> bool:
    """Whether the path has the parts of the pattern, where a part such as `{assistantId}` stands for any text."""
    parts, given = pattern.split("/"), path.split("/")
    pairs = zip(parts, given, strict=False)
    return len(parts) == len(given) and all(part == it or (part.startswith("{") and it) for part, it in pairs)
