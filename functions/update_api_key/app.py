"""PATCH /api/api-keys/{apiKeyId}: update an API key

Its name, and whether it is active. The last active key with `api_keys:write` is deactivated with `?force=true` only,
since without one nobody could manage keys over HTTP.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_api_key
from assistants_api.models.api_key_requests import ApiKeyChanges
from assistants_api.models.parsing import Forceable
from assistants_api.storage import api_keys


@endpoint("api_keys:write", ApiKeyChanges, reads=the_api_key, query=Forceable)
def handler(call: Call[ApiKeyChanges]) -> Response:
    stored = api_keys.get_by_id(call.found, call.account_id, call.path["apiKeyId"])
    changed = api_keys.change(call.table, call.key, stored, call.sent.diff(stored), call.query.force)
    return ok(api_key=changed.to_public())
