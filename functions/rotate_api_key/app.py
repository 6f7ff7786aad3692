"""POST /api/api-keys/{apiKeyId}/rotate: rotate an API key

Makes a new API key like the old one, which works on for `grace_seconds`. `full_key` is shown in this response and
never again.
"""

from assistants_api import auth
from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.api_key import ApiKey
from assistants_api.models.api_key_requests import ApiKeyRotation, check_grants
from assistants_api.storage import accounts, api_keys


@endpoint("api_keys:write", body=ApiKeyRotation, loads=api_keys.in_path, loads_account=True)
def handler(call: Call[ApiKey, ApiKeyRotation]) -> Response:
    old = call.resource
    check_grants(call.api_key, old)
    token = auth.mint(call.account_id, old.environment)
    new = old.rotated(token, auth.digest(token))
    accounts.check_room(call.account, "api_keys")
    api_keys.rotate(call.table, call.api_key, old, new, call.body.grace_seconds, call.precondition)
    call.log["created"] = new.id
    return ok(new.etag, full_key=token, api_key=new.to_public())
