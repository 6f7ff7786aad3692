"""GET /api/test-api-key: test an API key

Whether a token works, and what it may do.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok


@endpoint(None)
def handler(call: Call) -> Response:
    api_key = call.api_key
    return ok(message="Authentication succeeded", account_slug=api_key.account_slug, api_key=api_key.to_public())
