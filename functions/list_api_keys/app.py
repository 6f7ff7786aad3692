"""GET /api/api-keys: list API keys

All keys of the account, a page at a time and never with a secret.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.api_key_requests import ApiKeyPage
from assistants_api.storage import api_keys


@endpoint("api_keys:read", ApiKeyPage)
def handler(call: Call[ApiKeyPage]) -> Response:
    page = call.sent
    found, behind = api_keys.page(call.table, call.account_id, page.limit, page.after(call.signature))
    return ok(api_keys=[key.to_public() for key in found], **page.envelope(found, behind, call.signature))
