"""POST /api/api-keys: create an API key

`full_key` is shown in this response and never again. A key can be given only scopes that its creator has.
"""

from assistants_api import auth
from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.api_key_requests import NewApiKey, check_grants
from assistants_api.storage import api_keys


@endpoint("api_keys:write", NewApiKey)
def handler(call: Call[NewApiKey]) -> Response:
    check_grants(call.key, call.sent.scopes)
    token = auth.mint(call.account_id, call.sent.environment)
    key = call.sent.of(call.account_id, call.key.account_slug, token, auth.digest(token))
    api_keys.create(call.table, key)
    return ok(full_key=token, api_key=key.to_public())
