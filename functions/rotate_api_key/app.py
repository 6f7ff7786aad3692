"""POST /api/api-keys/{apiKeyId}/rotate: rotate an API key

Makes a new API key like the old one, which works on for `grace_seconds`. `full_key` is shown in this response and
never again.
"""

from assistants_api import auth
from assistants_api.answers.api_keys import show_issued_api_key
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.api_key import ApiKey, IssuedApiKey
from assistants_api.models.api_key_requests import ApiKeyRotation, check_grants
from assistants_api.storage import accounts, api_keys


@endpoint(
    "api_keys:write",
    body=ApiKeyRotation,
    loads=api_keys.in_path,
    answer=show_issued_api_key,
)
def handler(call: Call[ApiKey, ApiKeyRotation]) -> IssuedApiKey:
    old = call.resource
    check_grants(call.api_key, old)
    token = call.mint(old.environment)
    new = IssuedApiKey(old.rotated(token, auth.digest(token)), token)
    accounts.check_room(call.account, "api_keys")
    api_keys.rotate(call.table, call.api_key, old, new, call.body.grace_seconds, call.precondition)
    call.log["created"] = new.api_key.id
    return new
