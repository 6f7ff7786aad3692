"""Numbers that are pinned to versions of their assistant: how it is done, who answers a call, and when it ends."""

from collections.abc import Callable
from typing import Any

import pytest

from assistants_api.models.pin import place
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.harness import Account, Reply, race
from tests.local.audit.conftest import delete

NUMBER, A, B = "+14155550101", "pn_14155550101", "pn_14155550102"
EARLY = next(caller for caller in (f"+1415555{n:04}" for n in range(1_000)) if place(A, caller) < 90)
LATE = next(caller for caller in (f"+1415555{n:04}" for n in range(1_000)) if place(A, caller) >= 90)
PAIR = [{"version": 1, "weight": 90}, {"version": 2, "weight": 10}]


@pytest.fixture
def assistant(account: Account) -> str:
    """It holds the number, and has three versions that greet with One, Two and Three."""
    made = str(account.new_assistant("inbound-support", first_message="Two")["id"])
    account.update(made, first_message="Three")
    account.assign(made, [account.new_number(NUMBER, label="Main line")])
    return made


def get(account: Account, number: str = A) -> dict[str, Any]:
    found: dict[str, Any] = account.call("get_phone_number", number).json["phone_number"]
    return found


def pin(account: Account, *versions: int, headers: dict[str, str | None] | None = None, **body: object) -> Reply:
    """To these versions, of two the first with the weight 90."""
    pins = [{"version": version, "weight": weight} for version, weight in zip(versions, (90, 10), strict=False)]
    wanted = pins if len(versions) == 2 else [{"version": version} for version in versions]
    return account.call("update_phone_number", A, body={"versions": wanted, **body}, headers=headers)


def answering(account: Account, **query: str) -> int | None:
    """The version that answers a call, as GET and POST tell it."""
    replies = [account.call(function, NUMBER, query=query) for function in ("route_call", "prepare_call")]
    (version,) = {reply.json["assistant_version"] for reply in replies}
    assert {(reply.json["assistant"] or {}).get("version") for reply in replies} == {version}
    return version  # type: ignore[no-any-return]


# Pinning


@pytest.mark.usefixtures("assistant")
def test_a_pin_is_answered_wherever_the_number_is(account: Account) -> None:
    before = get(account)
    assert before["versions"] is None
    reply = pin(account, 1, 2)
    assert (reply.status, reply.json["phone_number"]) == (200, before | {"versions": PAIR})
    assert get(account) == before | {"versions": PAIR}
    assert account.call("list_phone_numbers").json["numbers"] == [get(account)]
    assert account.call("list_assignable_numbers", get(account)["assistant_id"]).json["numbers"] == [get(account)]
    assert account.route(NUMBER).json["phone_number"] == get(account)


@pytest.mark.usefixtures("assistant")
def test_a_pin_can_be_changed_and_taken_away(account: Account) -> None:
    for versions in ([2], [1, 3], [3]):
        assert [it["version"] for it in pin(account, *versions).json["phone_number"]["versions"]] == versions
    for body in ({"versions": list[int]()}, {"versions": None}):
        pin(account, 1)
        reply = account.call("update_phone_number", A, body=body)
        assert (reply.status, reply.json["phone_number"]["versions"], get(account)["versions"]) == (200, None, None)


@pytest.mark.usefixtures("assistant")
def test_a_pin_and_other_fields_change_together_and_leave_each_other_alone(account: Account) -> None:
    changed = pin(account, 1, label="Night line", provider="twilio").json["phone_number"]
    assert changed == get(account)
    assert (changed["label"], changed["provider"], changed["versions"]) == (
        "Night line", "twilio", [{"version": 1, "weight": 100}],
    )  # fmt: skip
    account.call("update_phone_number", A, body={"label": None, "status": "suspended"})
    account.call("import_phone_number", body={"accountSlug": account.slug, "phoneNumber": NUMBER, "provider": "other"})
    assert get(account) == changed | {"label": None, "status": "suspended", "provider": "other"}


@pytest.mark.usefixtures("assistant")
def test_a_pin_that_is_there_already_is_not_written(account: Account, calls: list[str]) -> None:
    etag = pin(account, 1, 2).headers["etag"]
    calls.clear()
    again = account.call("update_phone_number", A, body={"versions": PAIR[::-1]})
    assert (again.status, again.headers["etag"], calls) == (200, etag, ["BatchGetItem"])


@pytest.mark.usefixtures("assistant")
def test_a_pin_changes_the_etag_and_if_match_heeds_it(account: Account) -> None:
    before = account.call("get_phone_number", A).headers["etag"]
    pinned = pin(account, 1, headers={"if-match": before})
    assert pinned.headers["etag"] == account.call("get_phone_number", A).headers["etag"] != before
    assert pin(account, 2, headers={"if-match": before}).code == "precondition_failed"
    assert pin(account, 2, headers={"if-match": pinned.headers["etag"]}).status == 200


@pytest.mark.usefixtures("assistant")
@pytest.mark.parametrize("versions", [[], [2], [1, 2]])
def test_the_whole_object_comes_back(account: Account, calls: list[str], versions: list[int]) -> None:
    pin(account, *versions)
    whole = get(account)
    calls.clear()
    assert account.call("update_phone_number", A, body=whole).json["phone_number"] == whole
    assert calls == ["BatchGetItem"]
    edited = whole | {"label": "Edited", "versions": [*(whole["versions"] or [])][::-1]}
    assert account.call("update_phone_number", A, body=edited).json["phone_number"] == whole | {"label": "Edited"}


def test_a_number_that_nobody_holds_cannot_be_pinned_until_it_is_assigned(account: Account, stored: Stored) -> None:
    assistant = account.new_assistant()["id"]
    account.new_number(NUMBER)
    before = stored.items()
    reply = pin(account, 1)
    assert (reply.status, reply.code) == (409, "phone_number_not_assigned")
    assert "PATCH /api/assistants/{assistantId}/telephony/phone-numbers" in reply.json["error"]
    assert stored.items() == before
    assert account.call("update_phone_number", A, body={"versions": None}).status == 200
    account.assign(assistant, [A])
    assert pin(account, 1).status == 200


@pytest.mark.parametrize(("versions", "missing"), [([4], [4]), ([1, 4], [4]), ([9, 4], [4, 9])])
def test_a_version_that_is_not_there_is_named_and_nothing_changes(
    account: Account, assistant: str, stored: Stored, versions: list[int], missing: list[int]
) -> None:
    before = stored.items()
    reply = pin(account, *versions, label="New")
    assert (reply.status, reply.code) == (404, "version_not_found")
    assert f"{assistant} has no version {missing[0]};" in reply.json["error"]
    assert reply.json["details"] == [
        {"field": "/versions", "message": f"{it} is no version of the assistant."} for it in missing
    ]
    assert stored.items() == before


def test_a_version_of_another_assistant_is_none_of_this_one(account: Account) -> None:
    account.new_assistant(first_message="Two")
    account.assign(account.new_assistant()["id"], [account.new_number(NUMBER)])
    assert pin(account, 2).code == "version_not_found"


@pytest.mark.usefixtures("assistant")
def test_a_pin_that_is_malformed_changes_nothing(account: Account, stored: Stored) -> None:
    before = stored.items()
    reply = account.call("update_phone_number", A, body={"versions": [{"version": 1, "weight": 40}], "label": "New"})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "/versions")
    assert stored.items() == before


@pytest.mark.usefixtures("assistant")
def test_a_pin_can_be_tried_and_a_retry_of_it_is_told_the_same(account: Account, stored: Stored) -> None:
    before = stored.items()
    body = {"versions": PAIR}
    dry = account.call("update_phone_number", A, body=body, query={"dry_run": "true"})
    assert dry.json["diff"] == [{"field": "versions", "from": None, "to": PAIR}]
    missing = account.call("update_phone_number", A, body={"versions": [{"version": 9}]}, query={"dry_run": "true"})
    assert missing.code == "version_not_found"
    assert stored.items() == before
    done, again = (
        account.call("update_phone_number", A, body=body, headers={"idempotency-key": "pin"}) for _ in range(2)
    )
    assert (again.json, again.headers["idempotent-replayed"]) == (done.json, "true")


# Calls


@pytest.mark.usefixtures("assistant")
def test_without_a_pin_the_newest_version_answers_every_caller(account: Account) -> None:
    assert [answering(account), answering(account, caller=EARLY), answering(account, call_id=LATE)] == [3, 3, 3]


def test_a_pinned_number_is_answered_by_the_assistant_as_it_was_with_the_numbers_that_it_has(
    account: Account, assistant: str
) -> None:
    was = account.call("get_version", assistant, "2").json["assistant"]
    account.assign(assistant, [A, account.new_number("+14155550102")])
    pin(account, 2)
    account.update(assistant, first_message="Four", inbound_enabled=False)
    answer = account.route(NUMBER).json
    assert (answer["routed"], answer["assistant_version"]) == (True, 2)
    assert answer["assistant"] == was | {"phone_number_ids": [A, B]}
    assert account.route("+14155550102").json["reason"] == "inbound_disabled"


def test_prompts_are_rendered_as_of_the_version(account: Account, assistant: str) -> None:
    account.update(assistant, first_message="Hi {{contact.first_name}}")
    account.update(assistant, first_message="Bye")
    pin(account, 4)
    answer = account.call("prepare_call", NUMBER, body={"variables": {"contact": {"first_name": "Ada"}}}).json
    assert (answer["assistant"]["first_message"], answer["assistant_version"]) == ("Hi Ada", 4)


def test_a_version_that_takes_no_calls_does_not_answer(account: Account, assistant: str) -> None:
    account.update(assistant, inbound_enabled=False)
    account.update(assistant, inbound_enabled=True)
    pin(account, 4)
    answer = account.route(NUMBER).json
    assert (answer["reason"], answer["assistant"], answer["assistant_version"]) == ("inbound_disabled", None, None)


@pytest.mark.usefixtures("assistant")
def test_of_two_versions_each_caller_keeps_to_one(account: Account) -> None:
    pin(account, 1, 2)
    assert [answering(account, caller=EARLY) for _ in range(3)] == [1] * 3
    assert [answering(account, caller=LATE) for _ in range(3)] == [2] * 3
    written = (LATE.removeprefix("+"), f" {LATE[1:]}", f"tel:{LATE}", f"sip:{LATE}@carrier.example")
    assert {answering(account, caller=text) for text in written} == {2}
    assert (answering(account, call_id=EARLY), answering(account, call_id=LATE)) == (1, 2)
    assert answering(account, caller=EARLY, call_id=LATE) == 1
    assert answering(account, caller="anonymous") in (1, 2)
    assert answering(account) == 1
    account.call("update_phone_number", A, body={"versions": [PAIR[0] | {"weight": 10}, PAIR[1] | {"weight": 90}]})
    assert answering(account) == 2


@pytest.mark.usefixtures("assistant")
def test_who_calls_may_be_sent_whatever_the_number_is(account: Account) -> None:
    """A call is answered whatever is known of it; what is misspelled is refused, so that it is seen at once."""
    for query in ({"caller": "☾"}, {"caller": "x" * 8_000}, {"call_id": "'; --"}, {"caller": "", "call_id": ""}):
        assert account.call("route_call", NUMBER, query=query).json["routed"] is True
    reply = account.call("route_call", NUMBER, query={"callId": "CA1"})
    assert reply.json["details"] == [{"field": "?callId", "message": "is not known here; did you mean call_id."}]


def test_a_version_that_is_gone_is_answered_by_the_newest_and_the_log_says_so(
    account: Account, assistant: str, table: Table, output: Callable[[], str]
) -> None:
    pin(account, 2)
    delete(table, f"ACCOUNT#{account.id}", f"VERSION#{assistant}#00000002")
    assert answering(account) == 3
    assert output().count('"assistant_version":3,"missing_version":2') == 2


def test_the_log_tells_which_version_answered_and_not_who_called(
    account: Account, assistant: str, output: Callable[[], str]
) -> None:
    pin(account, 1, 2)
    output()
    account.call("route_call", NUMBER, query={"caller": LATE})
    logged = output()
    assert '"assistant_version":2' in logged
    assert "missing_version" not in logged
    assert LATE.removeprefix("+1") not in logged


# The end of a pin

ENDS: dict[str, Callable[[Account, str], Reply]] = {
    "released": lambda account, assistant: account.assign(assistant, []),
    "replaced": lambda account, assistant: account.assign(assistant, [account.new_number("+14155550102")]),
    "moved": lambda account, assistant: account.assign(
        account.new_assistant("inbound-support", first_message="Other")["id"], [A], reassign=True
    ),
    "its assistant is deleted": lambda account, assistant: account.force("delete_assistant", assistant),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_pin_ends_with_the_assignment(account: Account, assistant: str, end: Callable[[Account, str], Reply]) -> None:
    pin(account, 1, 2)
    before = account.call("get_phone_number", A).headers["etag"]
    assert end(account, assistant).status == 200
    after = account.call("get_phone_number", A)
    assert (after.json["phone_number"]["versions"], after.headers["etag"] != before) == (None, True)
    new = account.new_assistant("inbound-support", first_message="New")["id"]
    account.assign(new, [A], reassign=True)
    assert (get(account)["versions"], answering(account)) == (None, 2)


def test_a_number_that_is_given_up_and_imported_again_is_not_pinned(account: Account, assistant: str) -> None:
    pin(account, 1)
    account.force("delete_phone_number", A)
    account.new_number(NUMBER)
    account.assign(assistant, [A])
    assert (get(account)["versions"], answering(account)) == (None, 3)


def test_an_assignment_to_the_same_assistant_keeps_the_pin(account: Account, assistant: str) -> None:
    pin(account, 1, 2)
    for numbers in ([A], [A, account.new_number("+14155550102")], [A]):
        assert account.assign(assistant, numbers, reassign=True).status == 200
        assert get(account)["versions"] == PAIR


@pytest.mark.usefixtures("assistant")
def test_a_whole_object_of_before_the_end_is_a_409(account: Account) -> None:
    pin(account, 1)
    was = get(account)
    account.assign(account.new_assistant()["id"], [A], reassign=True)
    reply = account.call("update_phone_number", A, body=was)
    assert (reply.status, reply.code) == (409, "changed_meanwhile")
    assert {it["field"] for it in reply.json["details"]} == {"/assistant_id", "/versions"}


# Races


def test_a_number_that_moves_while_it_is_pinned_gets_no_pin(account: Account, assistant: str, table: Table) -> None:
    other = account.new_assistant(first_message="Two")["id"]
    race(table, "TransactWriteItems", lambda: account.assign(other, [A], reassign=True))
    reply = pin(account, 1)
    assert (reply.status, reply.code) == (409, "concurrent_change")
    assert (get(account)["assistant_id"], get(account)["versions"]) == (other, None)


def test_a_number_that_is_released_while_it_is_pinned_gets_no_pin(
    account: Account, assistant: str, table: Table
) -> None:
    race(table, "TransactWriteItems", lambda: account.assign(assistant, []))
    assert pin(account, 1).code == "phone_number_not_assigned"
    assert get(account)["versions"] is None


def test_a_number_that_is_given_up_while_it_is_pinned_is_not_found(
    account: Account, assistant: str, table: Table
) -> None:
    race(table, "TransactWriteItems", lambda: account.force("delete_phone_number", A))
    assert pin(account, 1).code == "phone_number_not_found"


def test_a_pin_and_another_change_at_once_both_take_effect(account: Account, assistant: str, table: Table) -> None:
    race(table, "TransactWriteItems", lambda: account.call("update_phone_number", A, body={"label": "Theirs"}))
    changed = pin(account, 1).json["phone_number"]
    assert changed == get(account)
    assert (changed["label"], changed["versions"]) == ("Theirs", [{"version": 1, "weight": 100}])


def test_a_number_that_is_pinned_while_it_moves_loses_the_pin(account: Account, assistant: str, table: Table) -> None:
    other = account.new_assistant(first_message="Two")["id"]
    race(table, "TransactWriteItems", lambda: pin(account, 1))
    assert account.assign(other, [A], reassign=True).status == 200
    assert (get(account)["assistant_id"], get(account)["versions"]) == (other, None)


def test_a_call_during_which_a_pinned_number_moves_is_answered_by_its_new_assistant(
    account: Account, assistant: str, table: Table
) -> None:
    pin(account, 1)
    other = account.new_assistant("inbound-support", first_message="Two")["id"]
    reads: list[bool] = []

    def move(**_: object) -> None:
        reads.append(True)
        if len(reads) == 2:  # between the read of the number and that of its assistant
            account.assign(other, [A], reassign=True)
            pin(account, 2)

    table.client.meta.events.register("before-call.dynamodb.BatchGetItem", move)
    answer = account.route(NUMBER).json
    assert (answer["assistant"]["id"], answer["assistant_version"]) == (other, 2)
    assert answer["phone_number"]["versions"] == [{"version": 2, "weight": 100}]
