"""$default: whatever no other route takes"""

from assistants_api.errors import RouteNotFound
from assistants_api.http import Event, Response, http_handler


@http_handler
def handler(event: Event) -> Response:
    http = event["requestContext"]["http"]
    raise RouteNotFound(f"There is no {http['method']} {http['path'][:200]}; see the README for the endpoints.")
