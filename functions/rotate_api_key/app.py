"""POST /api/api-keys/{apiKeyId}/rotate: rotate an API key

Makes a new key like the old one, which works on for `grace_seconds`. `full_key` is shown in this response and never
again.
"""

from assistants_api import auth
from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.api_key import ApiKey
from assistants_api.models.api_key_requests import ApiKeyRotation, check_grants
from assistants_api.storage import api_keys


@endpoint("api_keys:write", body=ApiKeyRotation, loads=api_keys.in_path)
def handler(call: Call[ApiKey, ApiKeyRotation]) -> Response:
    old = call.resource
    check_grants(call.api_key, old.scopes)
    token = auth.mint(call.account_id, old.environment)
    new = old.rotated(token, auth.digest(token))
    api_keys.rotate(call.table, old, new, call.body.grace_seconds)
    return ok(full_key=token, api_key=new.to_public())
