"""POST /api/routes/{phoneNumber}: find out who answers a call, with prompts rendered

Tells what `GET` tells, with the variables of the assistant's first message and system prompt replaced by these values.
`missing` names those that have neither a value nor a default; they are empty text.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models import clock
from assistants_api.models.phone_number import PhoneNumber, route
from assistants_api.models.pin import RouteQuery
from assistants_api.models.rendering import VariableValues
from assistants_api.models.retirement import as_called
from assistants_api.models.variables import prompts, render
from assistants_api.storage import phone_numbers, routes


@endpoint("calls:route", body=VariableValues, query=RouteQuery, loads=phone_numbers.called)
def handler(call: Call[PhoneNumber, VariableValues, RouteQuery]) -> Response:
    found = routes.resolve(call.table, call.account_id, call.resource, call.query.decides)
    number, holder = found.number, found.holder
    reason = route(number, holder)
    call.log.update(found.log, routed=reason)
    answer = {"reason": reason, "phone_number": number}
    if holder is None or reason != "routed":
        return ok(routed=False, **answer, assistant=None, assistant_version=None, substituted=[], missing=[])
    texts, missing, _ = render(prompts(holder), call.body.variables)
    called, substituted = as_called(holder.model_copy(update=texts), clock.today(), call.query.exact)
    call.log["substituted"] = [each["field"] for each in substituted]
    used = {"assistant": called, "assistant_version": called.version, "substituted": substituted}
    return ok(routed=True, **answer, **used, missing=missing)
