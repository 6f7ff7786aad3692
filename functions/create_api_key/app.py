"""POST /api/api-keys: create an API key

Creates an API key. `full_key` is shown in this response and never again. A key gets no more than its creator has:
scopes, expiry, requests an hour. What the request leaves out is never more than that.
"""

from assistants_api import auth
from assistants_api.answers.api_keys import show_issued_api_key
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.api_key import IssuedApiKey
from assistants_api.models.api_key_requests import NewApiKey
from assistants_api.storage import accounts, api_keys


@endpoint("api_keys:write", body=NewApiKey, answer=show_issued_api_key)
def handler(call: Call[None, NewApiKey]) -> IssuedApiKey:
    accounts.check_room(call.account, "api_keys")
    token = call.mint(call.body.environment)
    issued = IssuedApiKey(call.body.to_api_key_of(call.api_key, token, auth.digest(token)), token)
    api_keys.create(call.table, call.api_key, issued)
    call.log["created"] = issued.api_key.id
    return issued
