"""POST /api/api-keys: create an API key

`full_key` is shown in this response and never again. A key can be given only scopes that its creator has.
"""

from assistants_api import auth
from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.api_key_requests import NewApiKey, check_grants
from assistants_api.storage import api_keys


@endpoint("api_keys:write", body=NewApiKey)
def handler(call: Call[None, NewApiKey]) -> Response:
    check_grants(call.api_key, call.body.scopes)
    token = auth.mint(call.account_id, call.body.environment)
    api_key = call.body.to_api_key(call.account_id, call.api_key.account_slug, token, auth.digest(token))
    api_keys.create(call.table, api_key)
    return ok(full_key=token, api_key=api_key.to_public())
