"""$default: whatever no other route takes"""

from assistants.edge import Event, Response, edge
from assistants.errors import RouteNotFound


@edge
def handler(event: Event, headers: dict[str, str]) -> Response:
    http = event["requestContext"]["http"]
    raise RouteNotFound(f"There is no {http['method']} {http['path'][:200]}; see the README for the endpoints.")
