"""GET /api/api-keys: list API keys

Lists all API keys of the account, a page at a time and never with a secret.
"""

from assistants_api.answers.lists import show_page
from assistants_api.endpoint import Call, Response, endpoint
from assistants_api.models.api_key import ApiKey
from assistants_api.models.api_key_requests import ApiKeyQuery
from assistants_api.storage import api_keys


@endpoint("api_keys:read", query=ApiKeyQuery)
def handler(call: Call[None, None, ApiKeyQuery]) -> Response:
    after = call.query.after(call.cursor_secret)
    page = api_keys.page(call.table, call.account_id, call.query.limit, after)
    return show_page(call, "api_keys", page.map(ApiKey.to_public))
