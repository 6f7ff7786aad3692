"""GET /api/routes/{phoneNumber}: find out who answers a call

Tells which assistant answers a call to this number, with its whole configuration, and if none does, why. The number may
be written as carriers write it: `+14155550101`, `14155550101`, `tel:+1-415-555-0101` or `sip:+14155550101@host`.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.phone_number import PhoneNumber, route
from assistants_api.storage import assignments, phone_numbers


@endpoint("calls:route", loads=phone_numbers.called)
def handler(call: Call[PhoneNumber]) -> Response:
    number, holder = assignments.resolve_route(call.table, call.account_id, call.resource)
    reason = route(number, holder)
    call.log["routed"] = reason
    assistant = holder if reason == "routed" else None
    return ok(routed=assistant is not None, reason=reason, phone_number=number, assistant=assistant)
