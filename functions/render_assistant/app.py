"""POST /api/assistants/{assistantId}/render: render an assistant's prompts

Renders the first message and the system prompt as a call uses them, with these values for their variables. Nothing is
stored. A variable without a value is its default, such as `there` in `{{contact.first_name|there}}`; without a default
it is empty text, and `missing` names it. `unused` names the values that no variable uses. What is no known variable
stays as it is written, and `warnings` says where.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.assistant import Assistant
from assistants_api.models.rendering import VariableValues
from assistants_api.models.variables import prompts, render
from assistants_api.models.warnings import warned
from assistants_api.storage import assistants


@endpoint("assistants:read", body=VariableValues, loads=assistants.in_path)
def handler(call: Call[Assistant, VariableValues]) -> Response:
    texts, missing, unused = render(prompts(call.resource), call.body.variables)
    return ok(**texts, missing=missing, unused=unused, **warned(call.resource))
