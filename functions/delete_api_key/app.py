"""DELETE /api/api-keys/{apiKeyId}: delete an API key

From the next request on it opens nothing. The last active key with `api_keys:write` is deleted with `?force=true`
only, since without one nobody could manage keys over HTTP.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok, the_api_key
from assistants_api.models.parsing import Forceable
from assistants_api.storage import api_keys


@endpoint("api_keys:write", Forceable, reads=the_api_key)
def handler(call: Call[Forceable]) -> Response:
    stored = api_keys.get_by_id(call.found, call.account_id, call.path["apiKeyId"])
    api_keys.remove(call.table, call.key, stored, call.sent.force)
    return ok(message="API key deleted successfully")
