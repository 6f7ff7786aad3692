import pytest

from tests.harness import Account

A = "pn_14155550101"


def test_a_number_is_answered_whole(account: Account) -> None:
    account.new_number("+14155550101", label="Hauptstraße ☎", provider="twilio")
    reply = account.call("get_phone_number", A)
    number = reply.json["phone_number"]
    assert (reply.status, reply.json.keys()) == (200, {"success", "phone_number"})
    assert number == {
        "id": A,
        "phone_number": "+14155550101",
        "status": "active",
        "assistant_id": None,
        "provider": "twilio",
        "label": "Hauptstraße ☎",
        "versions": None,
        "fallback": None,
        "connection_id": None,
        "carrier_id": None,
        "sync": None,
        "created_at": number["created_at"],
    }
    assert account.call("list_phone_numbers").json["numbers"] == [number]


def test_it_names_the_assistant_that_holds_it(account: Account) -> None:
    assistant = account.new_assistant()["id"]
    account.assign(assistant, [account.new_number("+14155550101")])
    assert account.call("get_phone_number", A).json["phone_number"]["assistant_id"] == assistant
    account.assign(assistant, [])
    assert account.call("get_phone_number", A).json["phone_number"]["assistant_id"] is None


def test_a_percent_encoded_id_is_the_same_number(account: Account) -> None:
    account.new_number("+14155550101")
    assert account.call("get_phone_number", "pn%5F14155550101").json["phone_number"]["id"] == A


def test_a_number_of_nobody_or_of_another_account_is_not_found_alike(account: Account, other_account: Account) -> None:
    theirs = other_account.new_number("+442071838750")
    unknown, foreign = account.call("get_phone_number", "pn_19999999999"), account.call("get_phone_number", theirs)
    assert (unknown.status, unknown.code) == (foreign.status, foreign.code) == (404, "phone_number_not_found")
    assert unknown.json["error"].replace("pn_19999999999", theirs) == foreign.json["error"]


@pytest.mark.parametrize(
    "number",
    ["+14155550101", "14155550101", "pn_", "pn_0155550101", "pn_123456", "pn_1234567890123456", "pn_1415555010x",
     "pn_+14155550101", "PN_14155550101", "pn_14155550101 ", "pn_1415555٠١٠١", "asst_01jd5xexamp1e0000000000000", "#"],
)  # fmt: skip
def test_a_malformed_id_is_refused(account: Account, number: str) -> None:
    reply = account.call("get_phone_number", number)
    assert (reply.status, reply.code) == (400, "malformed_id")
    assert "pn_14155550101" in reply.json["error"]
