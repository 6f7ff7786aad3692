from tests.catalogue import ADMIN_ACTIONS, CUSTOM_RESOURCES, ENDPOINTS, FUNCTIONS, READ, STREAM_CONSUMERS, WEBHOOKS
from tests.harness import ROOT, admin


def test_every_function_is_in_the_catalogue_once() -> None:
    folders = [path.parent.name for path in (ROOT / "functions").glob("*/app.py")]
    known = [function.name for function in (*FUNCTIONS, *WEBHOOKS, *STREAM_CONSUMERS, *CUSTOM_RESOURCES)]
    assert sorted([*known, "admin"]) == sorted(folders)


def test_every_action_of_the_admin_function_is_in_the_catalogue_once() -> None:
    actions = [str(action.payload["action"]) for action in ADMIN_ACTIONS]
    assert admin("unknown")["error"].endswith(f" one of {', '.join(actions)}.")
    assert [action.name for action in ADMIN_ACTIONS] == [f"admin_{action}" for action in actions]


def test_every_endpoint_starts_with_one_read_and_adds_at_most_one_round_trip() -> None:
    """But for one that asks for the connection of a number: docs/performance.md."""
    assert {endpoint.round_trips[0] for endpoint in ENDPOINTS} == {READ}
    third = {endpoint.name for endpoint in ENDPOINTS if len(endpoint.round_trips) > 2}
    assert third == {"sync_phone_number"}
    assert {len(endpoint.round_trips) for endpoint in ENDPOINTS if endpoint.name not in third} == {1, 2}
