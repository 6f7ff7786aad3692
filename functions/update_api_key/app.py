"""PATCH /api/api-keys/{apiKeyId}: update an API key

Changes an API key's name, and whether it is active. The last active key with `api_keys:write` is deactivated with
`?force=true` only, since without one nobody could manage keys over HTTP.
"""

from assistants_api.answers.api_keys import show_api_key
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.api_key import ApiKey
from assistants_api.models.api_key_requests import ApiKeyChanges
from assistants_api.models.parsing import Force
from assistants_api.storage import api_keys


@endpoint(
    "api_keys:write",
    body=ApiKeyChanges,
    query=Force,
    loads=api_keys.in_path,
    loads_beside=api_keys.last_use_in_path,
    answer=show_api_key,
)
def handler(call: Call[ApiKey, ApiKeyChanges, Force, str | None]) -> ApiKey:
    target = call.resource.model_copy(update={"last_used_at": call.beside})
    return api_keys.change(call.table, call.api_key, target, call.body, call.query.force, call.precondition)
