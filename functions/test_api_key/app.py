"""GET /api/test-api-key: test an API key

Whether a token works, and what it may do.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.parsing import Nothing


@endpoint(None, Nothing)
def handler(call: Call[Nothing]) -> Response:
    return ok(message="Authentication succeeded", account_slug=call.key.account_slug, api_key=call.key.to_public())
