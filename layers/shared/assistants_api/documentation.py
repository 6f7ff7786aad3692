"""Whether this deployment shows its documentation: `DOCUMENTATION` is `false` where the operator has turned it off."""

import os

from assistants_api.errors import RouteNotFound
from assistants_api.http import Event

PATHS = ("/docs", "/api/openapi.json")


def is_shown() -> bool:
    return os.environ.get("DOCUMENTATION") != "false"


def ensure_shown(event: Event) -> None:
    """Raises RouteNotFound, as if there were no such path."""
    if not is_shown():
        raise not_found(event)


def not_found(event: Event) -> RouteNotFound:
    """That no route takes this request, with the way to the documentation if there is one."""
    http = event["requestContext"]["http"]
    hint = "; see /docs for the endpoints" if is_shown() else ""
    return RouteNotFound(f"There is no {http['method']} {http['path'][:200]}{hint}.")
