"""GET /api/routes/{phoneNumber}: find out who answers a call

Which assistant answers a call to this number, with its whole configuration, and if none does, why.
"""

from assistants_api.endpoint import Call, Request, Response, endpoint, ok
from assistants_api.models.ids import called_number, phone_number_id
from assistants_api.models.parsing import Nothing
from assistants_api.models.phone_number import route
from assistants_api.storage import assignments, keys
from assistants_api.storage.keys import Key


def reads(account_id: str, request: Request[Nothing]) -> list[Key]:
    return [keys.phone_number(account_id, phone_number_id(called_number(request.path["phoneNumber"])))]


@endpoint("calls:route", Nothing, reads=reads)
def handler(call: Call[Nothing]) -> Response:
    number_id = phone_number_id(call.path["phoneNumber"])
    number, holder = assignments.resolve_route(call.table, call.found, call.account_id, number_id)
    reason = route(number, holder)
    assistant = holder if reason == "routed" else None
    return ok(routed=assistant is not None, reason=reason, phone_number=number, assistant=assistant)
