"""DELETE /api/api-keys/{apiKeyId}: delete an API key

Deletes an API key, which stops working immediately. The last active key with `api_keys:write` is deleted with
`?force=true` only, since without one nobody could manage keys over HTTP.
"""

from assistants_api.answers import show_message
from assistants_api.endpoint import Call, endpoint
from assistants_api.models.api_key import ApiKey
from assistants_api.models.parsing import Force, OptionalAccountBody
from assistants_api.storage import api_keys
from assistants_api.storage.resources import Unreadable, to_delete


@endpoint(
    "api_keys:write",
    body=OptionalAccountBody,
    query=Force,
    loads=to_delete(api_keys.in_path),
    answer=show_message("API key deleted successfully"),
)
def handler(call: Call[ApiKey | Unreadable, OptionalAccountBody, Force]) -> None:
    api_keys.remove(call.table, call.api_key, call.resource, call.query.force, call.precondition)
