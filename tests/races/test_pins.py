"""Pins and assignments at once: a pin is to versions of the assistant that holds the number, at every moment."""

from functools import partial

import pytest

from tests.http.conftest import Api, unheard_of_number
from tests.races.conftest import statuses, storm

pytestmark = pytest.mark.xdist_group("races")

ROUNDS = 6
CODES = {"phone_number_not_assigned", "concurrent_change", "version_not_found"}


def test_a_number_that_moves_while_it_is_pinned_never_keeps_a_pin_of_another_assistant(api: Api) -> None:
    """Only the first assistant has a third version. The audit finds a pin to a version that isn't there, too."""
    assistants = [api.new_assistant("inbound-support") for _ in range(3)]
    for message in ("Two", "Three"):
        assert api.patch(assistants[0], first_message=message).status_code == 200
    number = str(api.post("/api/phone-numbers", phoneNumber=unheard_of_number()).json()["phone_number"]["id"])
    path = f"/api/phone-numbers/{number}"
    pin = partial(api.client.patch, path, json={"versions": [{"version": 3}]})
    moves = [partial(api.assign, assistant, [number], reassign=True) for assistant in assistants]
    release = partial(api.assign, assistants[0], list[str]())
    seen = set[tuple[bool, bool]]()
    for last in range(ROUNDS):
        replies = storm([act for move in (*moves, release) for act in (move, pin, pin)] * 4)
        assert {200} <= statuses(replies) <= {200, 404, 409}
        assert {reply.json()["code"] for reply in replies if reply.status_code != 200} <= CODES
        assert api.assign(assistants[last % 3], [number], reassign=True).status_code == 200
        for reply in (*replies, api.client.get(path)):
            if shown := reply.json().get("phone_number"):
                is_first, is_pinned = assistants[0].endswith(str(shown["assistant_id"])), bool(shown["versions"])
                seen.add((is_first, is_pinned))
    assert (True, True) in seen
    assert (False, True) not in seen
