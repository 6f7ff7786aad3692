"""PATCH /api/api-keys/{apiKeyId}: update an API key

Changes an API key's name, and whether it is active. The last active key with `api_keys:write` is deactivated with
`?force=true` only, since without one nobody could manage keys over HTTP.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.api_key import ApiKey
from assistants_api.models.api_key_requests import ApiKeyChanges
from assistants_api.models.parsing import Force
from assistants_api.storage import api_keys


@endpoint("api_keys:write", body=ApiKeyChanges, query=Force, loads=api_keys.in_path)
def handler(call: Call[ApiKey, ApiKeyChanges, Force]) -> Response:
    api_key = api_keys.change(call.table, call.api_key, call.resource, call.body, call.query.force, call.precondition)
    return ok(api_key.etag, api_key=api_key.to_public())
