"""POST /api/assistants/{assistantId}/render: render an assistant's prompts

Renders the first message and the system prompt as a call uses them, with these values for their variables. Nothing is
stored. A variable without a value is its default, such as `there` in `{{contact.first_name|there}}`; without a default
it is empty text, and `missing` names it. `unused` names the values that no variable uses. What is no known variable
stays as it is written, and `warnings` says where.

Beside them are the models as a call uses them: the replacement of one that has retired, as `substituted` says.
`?exact=true` answers those that are stored.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models import clock
from assistants_api.models.assistant import Assistant
from assistants_api.models.rendering import VariableValues
from assistants_api.models.retirement import SUBSTITUTABLE, CallQuery, as_called
from assistants_api.models.variables import prompts, render
from assistants_api.models.warnings import warned
from assistants_api.storage import assistants


@endpoint("assistants:read", body=VariableValues, query=CallQuery, loads=assistants.in_path)
def handler(call: Call[Assistant, VariableValues, CallQuery]) -> Response:
    texts, missing, unused = render(prompts(call.resource), call.body.variables)
    called, substituted = as_called(call.resource, clock.today(), call.query.exact)
    models = called.model_dump(include=set(SUBSTITUTABLE))
    warnings = warned(call.resource, clock.today())
    return ok(**texts, **models, substituted=substituted, missing=missing, unused=unused, **warnings)
