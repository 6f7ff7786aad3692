"""GET /api/routes/{phoneNumber}: find out who answers a call

Tells which assistant answers a call to this number, with its whole configuration, and if none does, why. The number may
be written as carriers write it: `+14155550101`, `14155550101`, `tel:+1-415-555-0101` or `sip:+14155550101@host`.

The newest version of the assistant answers, or the one that the number is pinned to. Of two, `caller` decides which, or
else `call_id`; `assistant_version` says which it is.

In the place of a model that has retired stands its replacement, as `substituted` says; with `?exact=true` the model
that is stored.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models import clock
from assistants_api.models.phone_number import PhoneNumber, route
from assistants_api.models.pin import RouteQuery
from assistants_api.models.retirement import as_called
from assistants_api.storage import phone_numbers, routes


@endpoint("calls:route", query=RouteQuery, loads=phone_numbers.called)
def handler(call: Call[PhoneNumber, None, RouteQuery]) -> Response:
    found = routes.resolve(call.table, call.account_id, call.resource, call.query.decides)
    number, holder = found.number, found.holder
    reason = route(number, holder)
    call.log.update(found.log, routed=reason)
    answer = {"reason": reason, "phone_number": number}
    if holder is None or reason != "routed":
        return ok(routed=False, **answer, assistant=None, assistant_version=None, substituted=[])
    called, substituted = as_called(holder, clock.today(), call.query.exact)
    call.log["substituted"] = [each["field"] for each in substituted]
    return ok(routed=True, **answer, assistant=called, assistant_version=called.version, substituted=substituted)
