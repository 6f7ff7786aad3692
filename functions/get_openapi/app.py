"""GET /api/openapi.json: get this document

The API in OpenAPI 3.1, for tools that generate clients, tests or pages.
"""

from pathlib import Path

from assistants_api.files import serve
from assistants_api.http import Event, Response, edge

DOCUMENT = Path(__file__).with_name("openapi.json")  # written by `make openapi`


@edge
def handler(event: Event, headers: dict[str, str]) -> Response:
    return serve(event, DOCUMENT, "application/json")
