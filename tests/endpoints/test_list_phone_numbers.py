from dataclasses import replace

import pytest

from tests.harness import Account, new_key


@pytest.fixture
def numbers(account: Account, other_account: Account) -> list[str]:
    other_account.new_number("+14155550000")
    return sorted(account.new_number(f"+1415555{number:04}") for number in range(1, 8))


def test_all_numbers_of_the_account_and_no_others_are_listed(account: Account, numbers: list[str]) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, numbers[:1])
    reply = account.call("list_phone_numbers")
    assert reply.json.keys() == {"success", "numbers", "count", "limit", "next_cursor"}
    assert [number["id"] for number in reply.json["numbers"]] == numbers
    assert (reply.json["count"], reply.json["limit"], reply.json["next_cursor"]) == (7, 100, None)
    assert [number["assistant_id"] for number in reply.json["numbers"]] == [assistant] + [None] * 6
    keys = {"id", "phone_number", "status", "assistant_id", "provider", "label", "versions", "fallback", "created_at"}
    keys |= {"connection_id", "carrier_id", "sync"}
    assert all(number.keys() == keys for number in reply.json["numbers"])


@pytest.mark.parametrize("limit", ["1", "3", "7", "100"])
def test_the_pages_together_are_the_list(account: Account, numbers: list[str], limit: str) -> None:
    seen: list[str] = []
    query = {"limit": limit}
    for _ in range(8):
        page = account.call("list_phone_numbers", query=query).json
        assert page["count"] == len(page["numbers"]) <= int(limit)
        seen += [number["id"] for number in page["numbers"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == numbers


def test_an_account_without_numbers_gets_an_empty_page(account: Account) -> None:
    page = account.call("list_phone_numbers").json
    assert (page["numbers"], page["count"], page["next_cursor"]) == ([], 0, None)


@pytest.mark.parametrize("limit", ["0", "-1", "101", "x", "1.0", "1,2", " 1", "1_0", "１", "9" * 5000])
def test_a_bad_limit_is_refused(account: Account, limit: str) -> None:
    reply = account.call("list_phone_numbers", query={"limit": limit})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?limit")


@pytest.mark.parametrize("cursor", ["x", "é", "%00", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "=" * 20, "x" * 2_000])
def test_a_made_up_cursor_is_refused(account: Account, numbers: list[str], cursor: str) -> None:
    assert account.call("list_phone_numbers", query={"cursor": cursor}).status == 400


def test_a_cursor_that_was_changed_in_any_character_is_refused(account: Account, numbers: list[str]) -> None:
    cursor = account.call("list_phone_numbers", query={"limit": "2"}).json["next_cursor"]
    assert account.call("list_phone_numbers", query={"cursor": cursor}).status == 200
    for position in range(len(cursor)):
        changed = cursor[:position] + ("A" if cursor[position] != "A" else "B") + cursor[position + 1 :]
        reply = account.call("list_phone_numbers", query={"cursor": changed})
        assert (reply.status, reply.code) == (400, "invalid_cursor")
    for changed in (cursor + "A", cursor + "=", cursor[:-1], cursor + "!", " " + cursor):
        assert account.call("list_phone_numbers", query={"cursor": changed}).status == 400


def test_a_cursor_of_another_account_is_refused(account: Account, other_account: Account, numbers: list[str]) -> None:
    cursor = account.call("list_phone_numbers", query={"limit": "2"}).json["next_cursor"]
    assert other_account.call("list_phone_numbers", query={"cursor": cursor}).code == "invalid_cursor"


def test_a_cursor_is_good_for_any_key_of_the_account_and_any_limit(account: Account, numbers: list[str]) -> None:
    cursor = account.call("list_phone_numbers", query={"limit": "2"}).json["next_cursor"]
    rotated = account.call("rotate_api_key", account.key_id, body={"grace_seconds": 0}).json["full_key"]
    for caller in (replace(account, token=rotated), new_key(account.slug, account.id, scopes=["phone_numbers:read"])):
        page = caller.call("list_phone_numbers", query={"cursor": cursor, "limit": "3"}).json
        assert [number["id"] for number in page["numbers"]] == numbers[2:5]


def test_an_unknown_query_parameter_is_refused_by_name(account: Account) -> None:
    reply = account.call("list_phone_numbers", query={"limt": "5"})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?limt")
    assert "did you mean limit" in reply.json["error"]
