"""GET /api/assistants/{assistantId}/usage-stats: count an assistant's calls

Counts the calls that an assistant answered and that ended, in all and by day, in UTC. Minutes are those of calls that
were connected. `dailySeries` has the last 30 days.
"""

from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models import clock
from assistants_api.models.assistant import Assistant
from assistants_api.models.call_usage import usage_stats
from assistants_api.storage import assistants, call_usage


@endpoint("assistants:read", loads=assistants.in_path)
def handler(call: Call[Assistant]) -> Response:
    total, by_day = call_usage.read(call.table, call.resource)
    return ok(**usage_stats(total, by_day, clock.today()))
