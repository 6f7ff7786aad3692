import pytest

from tests.harness import Account

UNKNOWN = "asst_01jd5xexamp1e0000000000000"


def test_an_assistant_is_answered_whole_with_its_version_as_etag(account: Account) -> None:
    created = account.new_assistant("custom")
    reply = account.call("get_assistant", created["id"])
    assert (reply.status, reply.json) == (200, {"success": True, "assistant": created})
    assert reply.headers["etag"] == '"1"'


def test_an_unknown_assistant_is_not_found(account: Account) -> None:
    reply = account.call("get_assistant", UNKNOWN)
    assert (reply.status, reply.code) == (404, "assistant_not_found")
    assert UNKNOWN in reply.json["error"]


def test_another_accounts_assistant_looks_like_one_that_never_was(account: Account, other_account: Account) -> None:
    theirs = other_account.new_assistant()["id"]
    reply, unknown = account.call("get_assistant", theirs), account.call("get_assistant", UNKNOWN)
    assert reply.status == 404
    assert reply.json == {**unknown.json, "error": unknown.json["error"].replace(UNKNOWN, theirs)}


@pytest.mark.parametrize(
    "malformed",
    [
        "x", "asst_", "asst_01J...", "../secrets", "asst_01jd5xexamp1e000000000000 ", "#", "a" * 10_000, "\x00", "%00",
        "asst_01JD5XEXAMP1E0000000000000", "asst_91jd5xexamp1e0000000000000", "asst_01jd5xexamp1e0000000000000/x",
        "asst_01jd5xexamp1e0000000000000\n", "acct_01jd5xexamp1e0000000000000",
    ],
)  # fmt: skip
def test_a_malformed_id_is_refused(account: Account, malformed: str) -> None:
    reply = account.call("get_assistant", malformed)
    assert (reply.status, reply.code) == (400, "malformed_id")
    assert "asst_" in reply.json["error"]
