import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from assistants_api.models.assistant import Assistant
from assistants_api.models.ids import new_ulid
from assistants_api.storage import assistants
from assistants_api.storage.table import Table
from tests.engines import once
from tests.harness import Account, Reply, store

MAX_PAYLOAD = 6_000_000  # bytes of a Lambda function's answer, in which the body is a JSON string


@pytest.fixture(scope="module")
def new_seven(new_my_team: Callable[[Table], Account]) -> Callable[[Table], list[str]]:
    def make(table: Table) -> list[str]:
        account = new_my_team(table)
        return [account.new_assistant(name=f"Number {number}")["id"] for number in range(7)][::-1]

    return once(make)


@pytest.fixture
def seven(table: Table, account: Account, new_seven: Callable[[Table], list[str]]) -> list[str]:
    """The ids of seven assistants, newest first."""
    return new_seven(table)


@pytest.fixture(scope="module")
def new_crew(new_my_team: Callable[[Table], Account]) -> Callable[[Table], None]:
    return once(lambda table: hire(new_my_team(table)))


@pytest.fixture
def crew(table: Table, account: Account, new_crew: Callable[[Table], None]) -> None:
    new_crew(table)


def hire(account: Account) -> None:
    account.new_assistant("outbound-setter", "Alpha Setter")
    account.new_assistant("inbound-support", "beta Straße")
    account.new_assistant("follow-up", "ÉCLAIR desk")
    account.new_assistant("custom", "Both ways", inbound_enabled=True, outbound_enabled=True)
    account.new_assistant("custom", "ΣΊΣΥΦΟΣ 100%")


def names(account: Account, **query: str) -> list[str]:
    return [assistant["name"] for assistant in account.call("list_assistants", query=query).json["assistants"]]


def ids(page: Any) -> list[str]:
    return [assistant["id"] for assistant in page["assistants"]]


def test_the_assistants_of_the_account_and_no_others_are_listed_whole_newest_first(
    account: Account, other_account: Account
) -> None:
    other_account.new_assistant(name="Theirs")
    created = [account.new_assistant(name=name) for name in ("First", "Second", "Third")]
    reply = account.call("list_assistants")
    assert (reply.status, reply.json) == (
        200,
        {"success": True, "assistants": created[::-1], "count": 3, "limit": 20, "next_cursor": None},
    )


def test_an_account_without_assistants_gets_an_empty_page(account: Account, other_account: Account) -> None:
    other_account.new_assistant()
    page = account.call("list_assistants").json
    assert (page["assistants"], page["count"], page["next_cursor"]) == ([], 0, None)


def test_a_page_holds_20_unless_another_limit_is_sent(account: Account) -> None:
    for _ in range(21):
        account.new_assistant()
    first = account.call("list_assistants").json
    assert (first["count"], len(first["assistants"]), first["limit"]) == (20, 20, 20)
    assert first["next_cursor"]
    assert account.call("list_assistants", query={"limit": "100"}).json["count"] == 21


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"type": "custom"}, ["ΣΊΣΥΦΟΣ 100%", "Both ways"]),
        ({"type": "follow-up"}, ["ÉCLAIR desk"]),
        ({"inbound_enabled": "true"}, ["Both ways", "beta Straße"]),
        ({"inbound_enabled": "false"}, ["ΣΊΣΥΦΟΣ 100%", "ÉCLAIR desk", "Alpha Setter"]),
        ({"outbound_enabled": "true"}, ["Both ways", "ÉCLAIR desk", "Alpha Setter"]),
        ({"outbound_enabled": "false"}, ["ΣΊΣΥΦΟΣ 100%", "beta Straße"]),
        ({"name": "TA"}, ["beta Straße"]),
        ({"name": "alpha setter"}, ["Alpha Setter"]),
        ({"name": "STRASSE"}, ["beta Straße"]),
        ({"name": "traß"}, ["beta Straße"]),
        ({"name": "éclair"}, ["ÉCLAIR desk"]),
        ({"name": "σίσυφος"}, ["ΣΊΣΥΦΟΣ 100%"]),
        ({"name": "%"}, ["ΣΊΣΥΦΟΣ 100%"]),
        ({"name": "."}, []),
        ({"name": "*"}, []),
        ({"name": " "}, ["ΣΊΣΥΦΟΣ 100%", "Both ways", "ÉCLAIR desk", "beta Straße", "Alpha Setter"]),
        ({"inbound_enabled": "true", "outbound_enabled": "true"}, ["Both ways"]),
        ({"type": "custom", "inbound_enabled": "true", "outbound_enabled": "true", "name": "WAYS"}, ["Both ways"]),
        ({"type": "custom", "inbound_enabled": "true", "outbound_enabled": "true", "name": "setter"}, []),
        ({"type": "outbound-setter", "inbound_enabled": "true"}, []),
    ],
)
def test_only_what_passes_every_filter_is_listed(
    account: Account, crew: None, query: dict[str, str], found: list[str]
) -> None:
    assert names(account, **query) == found


def test_an_assistant_is_found_by_its_new_name_and_no_longer_by_the_old_one(account: Account) -> None:
    assistant = account.new_assistant(name="Alpha")["id"]
    account.update(assistant, name="Ωmega")
    assert (names(account, name="alpha"), names(account, name="ωMEGA")) == ([], ["Ωmega"])
    account.update(assistant, max_tokens=7)
    assert names(account, name="ωmega") == ["Ωmega"]


def test_a_clone_is_found_by_its_own_name(account: Account) -> None:
    account.call("clone_assistant", account.new_assistant(name="Alpha")["id"], raw="")
    assert names(account, name="(copy)") == ["Alpha (Copy)"]


def test_filters_see_a_change_of_what_they_filter_by(account: Account) -> None:
    assistant = account.new_assistant("custom", "Test")["id"]
    assert names(account, inbound_enabled="true") == []
    account.update(assistant, inbound_enabled=True)
    assert names(account, inbound_enabled="true") == ["Test"]


def test_the_few_that_match_among_many_fill_their_pages(account: Account) -> None:
    for number in range(30):
        account.new_assistant(name=f"{'Rare' if number % 7 == 0 else 'Common'} {number}")
    pages = list(account.pages("list_assistants", limit="2", name="rare"))
    assert [[each["name"] for each in page["assistants"]] for page in pages] == [
        ["Rare 28", "Rare 21"], ["Rare 14", "Rare 7"], ["Rare 0"],
    ]  # fmt: skip
    assert [page["count"] for page in pages] == [2, 2, 1]


@pytest.mark.usefixtures("patience")
def test_a_match_behind_a_megabyte_of_others_is_on_the_first_page(account: Account, calls: list[str]) -> None:
    oldest = account.new_assistant(name="Rare")["id"]
    for _ in range(9):
        account.new_assistant(name="Common", system_prompt="é" * 64_000)
    calls.clear()
    page = account.call("list_assistants", query={"name": "rare"}).json
    assert (ids(page), page["next_cursor"]) == ([oldest], None)
    assert set(calls[1:]) == {"Query"}  # two, but DynamoDB Local's megabyte is one of matches


def test_what_a_filter_goes_through_for_a_page_has_an_end_and_the_cursor_leads_on(
    account: Account, table: Table, calls: list[str]
) -> None:
    oldest = account.new_assistant(name="Rare")["id"]
    for number in range(20):
        account.new_assistant(name=f"Common {number}")
    calls.clear()
    a_megabyte = lambda params, **_: params.update(Limit=2)  # noqa: E731
    table.client.meta.events.register("provide-client-params.dynamodb.Query", a_megabyte)
    first, second = account.pages("list_assistants", name="rare")
    assert (first["count"], ids(second)) == (0, [oldest])
    assert calls == ["BatchGetItem", *["Query"] * 8, "BatchGetItem", *["Query"] * 3]
    calls.clear()
    full = account.call("list_assistants", query={"name": "common", "limit": "4"}).json
    assert (full["count"], full["next_cursor"] is None, calls) == (4, False, ["BatchGetItem", *["Query"] * 2])


@pytest.mark.parametrize("limit", ["1", "3", "6", "7", "8", "100"])
@pytest.mark.parametrize("query", [{}, {"type": "outbound-setter", "name": "number"}])
def test_the_pages_together_are_the_list(account: Account, seven: list[str], limit: str, query: dict[str, str]) -> None:
    pages = list(account.pages("list_assistants", limit=limit, **query))
    assert [each for page in pages for each in ids(page)] == seven
    assert len(pages) == -(-7 // int(limit))
    assert all(page["count"] == len(page["assistants"]) for page in pages)


def test_what_is_created_between_pages_neither_repeats_nor_hides_another(account: Account, seven: list[str]) -> None:
    seen = []
    for page in account.pages("list_assistants", limit="2"):
        seen += ids(page)
        account.new_assistant(name="Late")
    assert seen == seven


def test_the_list_goes_on_behind_an_assistant_that_was_deleted_meanwhile(account: Account, seven: list[str]) -> None:
    seen = []
    for page in account.pages("list_assistants", limit="2"):
        seen += ids(page)
        account.call("delete_assistant", ids(page)[-1])
    assert seen == seven


def test_the_limit_may_differ_from_page_to_page(account: Account, seven: list[str]) -> None:
    cursor = account.call("list_assistants", query={"limit": "2"}).json["next_cursor"]
    assert ids(account.call("list_assistants", query={"limit": "4", "cursor": cursor}).json) == seven[2:6]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *[("limit", limit) for limit in ("0", "-1", "101", "x", "1.0", " 1", "1_0", "１", "9" * 5000)],
        *[("inbound_enabled", flag) for flag in ("yes", "1", "null", " true")],
        *[("outbound_enabled", flag) for flag in ("no", "0")],
        *[("type", kind) for kind in ("unheard-of", "CUSTOM", "custom ", "custom,follow-up")],
        *[("name", name) for name in ("x" * 201,)],
        *[("cursor", cursor) for cursor in ("x" * 1_001,)],
        *[(unknown, "1") for unknown in ("nam", "Limit", "offset", "inbound", "template", "account_id")],
    ],
)
def test_a_bad_parameter_is_refused_by_name(account: Account, parameter: str, value: str) -> None:
    reply = account.call("list_assistants", query={parameter: value})
    assert (reply.status, reply.code) == (400, "invalid_request")
    assert [detail["field"] for detail in reply.json["details"]] == [f"?{parameter}"]


def refused(account: Account, **query: str) -> bool:
    reply = account.call("list_assistants", query=query)
    return (reply.status, reply.json.get("code")) == (400, "invalid_cursor")


@pytest.mark.parametrize("cursor", ["x", "é", "%00", "A" * 28, "=" * 20])
def test_a_made_up_cursor_is_refused(account: Account, seven: list[str], cursor: str) -> None:
    assert refused(account, cursor=cursor)


def test_a_cursor_that_was_changed_in_any_character_is_refused(account: Account, seven: list[str]) -> None:
    cursor = account.call("list_assistants", query={"limit": "2"}).json["next_cursor"]
    assert account.call("list_assistants", query={"cursor": cursor}).status == 200
    for position in range(len(cursor)):
        assert refused(
            account, cursor=cursor[:position] + ("A" if cursor[position] != "A" else "B") + cursor[position + 1 :]
        )


FILTERS = {"type": "outbound-setter", "inbound_enabled": "false", "outbound_enabled": "true", "name": "number"}


@pytest.mark.parametrize(
    "other",
    [
        {}, {**FILTERS, "type": "custom"}, {**FILTERS, "inbound_enabled": "true"},
        {**FILTERS, "outbound_enabled": "false"}, {**FILTERS, "name": "numbe"}, {"name": "number"},
    ],
)  # fmt: skip
def test_a_cursor_of_other_filters_is_refused(account: Account, seven: list[str], other: dict[str, str]) -> None:
    cursor = account.call("list_assistants", query={"limit": "2", **FILTERS}).json["next_cursor"]
    assert ids(account.call("list_assistants", query={"limit": "2", **FILTERS, "cursor": cursor}).json) == seven[2:4]
    assert refused(account, cursor=cursor, **other)
    unfiltered = account.call("list_assistants", query={"limit": "2"}).json["next_cursor"]
    assert refused(account, cursor=unfiltered, **FILTERS)


def test_a_cursor_of_another_account_is_refused(account: Account, other_account: Account, seven: list[str]) -> None:
    for _ in range(3):
        other_account.new_assistant()
    cursor = account.call("list_assistants", query={"limit": "2"}).json["next_cursor"]
    assert refused(other_account, cursor=cursor)


def test_a_cursor_of_another_list_is_refused(account: Account, seven: list[str]) -> None:
    for number in ("+14155550101", "+14155550102"):
        account.new_number(number)
    numbers = account.call("list_phone_numbers", query={"limit": "1"}).json["next_cursor"]
    listed = account.call("list_assistants", query={"limit": "1"}).json["next_cursor"]
    assert refused(account, cursor=numbers)
    for other in ("list_phone_numbers", "list_api_keys"):
        assert account.call(other, query={"cursor": listed}).code == "invalid_cursor"


@pytest.mark.long
@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(
    ("character", "query"),
    [("\x01", {}), ("\x01", {"type": "custom"}), ('"', {"type": "custom"}), ("\n", {"type": "custom"})],
)
def test_40_of_the_longest_prompts_come_in_pages_that_lambda_can_answer(
    account: Account, table: Table, character: str, query: dict[str, str]
) -> None:
    one = Assistant(**account.new_assistant("custom")).model_copy(update={"system_prompt": character * 64_000})
    created = {one.id} | {f"asst_{new_ulid()}" for _ in range(39)}
    store(table, [assistants.to_item(one.model_copy(update={"id": it})) for it in created])
    seen = []
    for reply in pages(account, limit="100", **query):
        answer = {"statusCode": reply.status, "headers": dict(reply.headers), "body": reply.text}
        assert len(json.dumps(answer, ensure_ascii=False).encode()) < MAX_PAYLOAD
        assert reply.json["count"] == len(reply.json["assistants"]) > 0
        seen += ids(reply.json)
    assert (len(seen), set(seen)) == (40, created)


def pages(account: Account, **query: str) -> Iterator[Reply]:
    for _ in range(100):
        reply = account.call("list_assistants", query=query)
        yield reply
        if reply.json["next_cursor"] is None:
            return
        query["cursor"] = reply.json["next_cursor"]
    raise AssertionError("The pages have no end.")
