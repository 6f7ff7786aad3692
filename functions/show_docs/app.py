"""GET /docs: show this page

The reference, to read and to try. The files that the page needs are at `/docs/{file}`; it asks no other host.
"""

from pathlib import Path

from assistants_api.documentation import ensure_shown
from assistants_api.errors import RouteNotFound
from assistants_api.files import serve
from assistants_api.http import Event, Response, http_handler

PAGE = Path(__file__).parent / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
FILES = {name for name in (path.name.removesuffix(".gz") for path in PAGE.iterdir()) if name != "index.html"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@http_handler
def handler(event: Event) -> Response:
    ensure_shown(event)
    name = (event.get("pathParameters") or {}).get("file")
    if name is not None and name not in FILES:
        raise RouteNotFound(f"There is no GET /docs/{name[:200]}; the page is GET /docs.")
    path = PAGE / (name or "index.html")
    response = serve(event, path, KINDS[path.suffix])
    response["headers"] |= {"content-security-policy": POLICY, "referrer-policy": "no-referrer"}
    return response
