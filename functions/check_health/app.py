"""GET /health: check that the API answers

For load balancers and monitors. It does not ask the database.
"""

from assistants_api.http import Event, Response, http_handler, ok


@http_handler
def handler(event: Event) -> Response:
    return ok(docs="/docs", openapi="/api/openapi.json")
