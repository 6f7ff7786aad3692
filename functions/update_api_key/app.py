"""PATCH /api/api-keys/{apiKeyId}: its name, and whether it is active; with ?force=true also the last of its kind"""

from assistants.api import Call, Response, endpoint, ok, the_api_key
from assistants.models.api_key_requests import ApiKeyChanges
from assistants.models.parsing import Forceable
from assistants.storage import api_keys


@endpoint("api_keys:write", ApiKeyChanges, reads=the_api_key, query=Forceable)
def handler(call: Call[ApiKeyChanges]) -> Response:
    stored = api_keys.get_by_id(call.found, call.account_id, call.path["apiKeyId"])
    changed = api_keys.change(call.table, call.key, stored, call.sent.against(stored), call.query.force)
    return ok(api_key=changed.shown())
