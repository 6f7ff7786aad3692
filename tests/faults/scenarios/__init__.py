"""Every endpoint doing what it is for, and how to tell from the table whether it was done.

Importing a file adds its scenarios.
"""

from tests.faults.scenarios import api_keys, assistants, calls, operator, phone_numbers, stream, telephony_connections
from tests.faults.scenarios.scenario import SCENARIOS, Attempt, Scenario

__all__ = [
    "SCENARIOS",
    "Attempt",
    "Scenario",
    "api_keys",
    "assistants",
    "calls",
    "operator",
    "phone_numbers",
    "stream",
    "telephony_connections",
]
