"""POST /api/api-keys: create an API key

Creates an API key. `full_key` is shown in this response and never again. A key gets no more than its creator has:
scopes, expiry, requests an hour. What the request leaves out is never more than that.
"""

from assistants_api import auth
from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.api_key_requests import NewApiKey
from assistants_api.storage import accounts, api_keys


@endpoint("api_keys:write", body=NewApiKey, loads_account=True)
def handler(call: Call[None, NewApiKey]) -> Response:
    accounts.check_room(call.account, "api_keys")
    token = auth.mint(call.account_id, call.body.environment)
    api_key = call.body.to_api_key_of(call.api_key, token, auth.digest(token))
    api_keys.create(call.table, call.api_key, api_key)
    call.log["created"] = api_key.id
    return ok(api_key.etag, full_key=token, api_key=api_key.to_public())
