"""GET /api/openapi.json: get this document

The API in OpenAPI 3.1, for tools that generate clients, tests or pages.
"""

from pathlib import Path

from assistants_api.documentation import ensure_shown
from assistants_api.files import serve
from assistants_api.http import Event, Response, http_handler

DOCUMENT = Path(__file__).with_name("openapi.json")  # written by `make openapi`


@http_handler
def handler(event: Event) -> Response:
    ensure_shown(event)
    return serve(event, DOCUMENT, "application/json")
