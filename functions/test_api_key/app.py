"""GET /api/test-api-key: test an API key

Tells whether a token works, and what it may do.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.storage import rate_limits


@endpoint(None)
def handler(call: Call) -> Response:
    api_key = call.api_key.model_copy(update={"last_used_at": rate_limits.this_hour()})
    return ok(
        api_key.etag, message="Authentication succeeded", account_slug=call.account.slug, api_key=api_key.to_public()
    )
