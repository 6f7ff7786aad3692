"""GET /api/test-api-key: test an API key

Whether a token works, and what it may do.
"""

from assistants.api import Call, Response, endpoint, ok
from assistants.models.parsing import Nothing


@endpoint(None, Nothing)
def handler(call: Call[Nothing]) -> Response:
    return ok(message="Authentication succeeded", account_slug=call.key.account_slug, api_key=call.key.shown())
