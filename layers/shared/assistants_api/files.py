"""Files that a function serves as they are. No function but those of the documentation imports this."""

import gzip
import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from assistants_api.http import Event, Response

GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)
SECONDS = 300  # for which a browser need not ask again; later it asks by ETag


def serve(event: Event, path: Path, media_type: str) -> Response:
    """The file, which may be kept as `<name>.gz`: gzipped for those who accept that, 304 for those who have it."""
    is_packed = GZIP.search(event["headers"].get("accept-encoding", "")) is not None
    body, etag = _representation(path, is_packed)
    headers = {"cache-control": f"public, max-age={SECONDS}", "etag": etag, "vary": "Accept-Encoding"}
    known = event["headers"].get("if-none-match", "").replace("W/", "")
    if etag in [tag.strip() for tag in known.split(",")]:
        return {"statusCode": 304, "headers": headers, "body": ""}
    headers |= {"content-type": media_type}
    if is_packed:
        headers["content-encoding"] = "gzip"
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": True}


@cache
def _representation(path: Path, is_packed: bool) -> tuple[str, str]:
    """The file in base64, and its ETag."""
    packed = path.with_name(f"{path.name}.gz")
    content = packed.read_bytes() if packed.exists() else gzip.compress(path.read_bytes(), mtime=0)
    if not is_packed:
        content = gzip.decompress(content)
    return b64encode(content).decode(), f'"{sha256(content).hexdigest()[:16]}"'
