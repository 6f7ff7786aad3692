"""POST /api/api-keys/{apiKeyId}/rotate: rotate an API key

Makes a new key like the old one, which works on for `grace_seconds`. `full_key` is shown in this response and never
again.
"""

from assistants_api import auth
from assistants_api.endpoint import Call, Response, endpoint, ok, the_api_key
from assistants_api.models.api_key_requests import ApiKeyRotation, check_grants
from assistants_api.storage import api_keys


@endpoint("api_keys:write", ApiKeyRotation, reads=the_api_key)
def handler(call: Call[ApiKeyRotation]) -> Response:
    old = api_keys.get_by_id(call.found, call.account_id, call.path["apiKeyId"])
    check_grants(call.key, old.scopes)
    token = auth.mint(call.account_id, old.environment)
    new = old.rotated(token, auth.digest(token))
    api_keys.rotate(call.table, old, new, call.sent.grace_seconds)
    return ok(full_key=token, api_key=new.to_public())
