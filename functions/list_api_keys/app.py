"""GET /api/api-keys: list API keys

Lists all API keys of the account, a page at a time and never with a secret.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.api_key_requests import ApiKeyQuery
from assistants_api.storage import api_keys


@endpoint("api_keys:read", query=ApiKeyQuery)
def handler(call: Call[None, None, ApiKeyQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    found, next_key = api_keys.page(call.table, call.account_id, call.query.limit, after)
    return ok(
        api_keys=[api_key.to_public() for api_key in found], **call.query.envelope(found, next_key, call.cursor_secret)
    )
