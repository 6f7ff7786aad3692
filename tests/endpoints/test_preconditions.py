"""`If-Match`, on every endpoint that changes what its path names."""

from collections.abc import Callable
from typing import Any

import pytest

from assistants_api.storage.table import Table
from tests.catalogue import DELETED_ID, ENDPOINTS, Function
from tests.conftest import Stored
from tests.endpoints.conftest import CallOnExisting
from tests.harness import Account, Reply, load_app, race

NUMBER = "pn_14155550101"


def is_conditional(endpoint: Function) -> bool:
    return bool(endpoint.path) and load_app(endpoint.name).handler.loads is not None and endpoint.write is not None


CONDITIONAL = [pytest.param(endpoint, id=endpoint.name) for endpoint in ENDPOINTS if is_conditional(endpoint)]
READING = [
    pytest.param(endpoint, id=endpoint.name)
    for endpoint in ENDPOINTS
    if endpoint.path and load_app(endpoint.name).handler.loads is not None and endpoint.write is None
]


@pytest.fixture
def call(call_on_existing: CallOnExisting) -> Callable[..., Reply]:
    return lambda endpoint, if_match: call_on_existing(endpoint, headers={"if-match": if_match})


def current_etag(reply: Reply) -> str:
    return str(reply.json["error"]).split("its ETag is ")[1].split(" now")[0]


@pytest.mark.parametrize("endpoint", CONDITIONAL)
def test_a_stale_etag_changes_nothing_and_the_current_one_does(
    endpoint: Function, call: Callable[..., Reply], stored: Stored
) -> None:
    before = stored.items()
    refused = call(endpoint, '"99"')
    assert (refused.status, refused.code) == (412, "precondition_failed")
    assert stored.items() == before
    assert call(endpoint, f'"7", {current_etag(refused)}').status == 200


@pytest.mark.parametrize("endpoint", CONDITIONAL)
def test_a_header_in_another_form_is_refused_with_the_form(
    endpoint: Function, call: Callable[..., Reply], stored: Stored
) -> None:
    before = stored.items()
    for if_match in ("3", '"3-gzip"', "", " ", "garbage", '"3', "'3'", '"3";"4"', '"3",', "W/3", "**"):
        reply = call(endpoint, if_match)
        assert (reply.status, reply.code) == (400, "invalid_request"), if_match
        assert 'such as If-Match: "3"' in reply.json["error"]
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", CONDITIONAL)
def test_a_weak_tag_never_matches_and_the_answer_says_so(endpoint: Function, call: Callable[..., Reply]) -> None:
    etag = current_etag(call(endpoint, '"99"'))
    weak = call(endpoint, f"W/{etag}")
    assert (weak.status, weak.code) == (412, "precondition_failed")
    assert "A weak tag" in weak.json["error"]


@pytest.mark.parametrize("endpoint", CONDITIONAL)
def test_a_star_matches_whatever_exists(endpoint: Function, call: Callable[..., Reply]) -> None:
    assert call(endpoint, "*").status == 200


@pytest.mark.parametrize("if_match", ['"99"', "garbage"])
@pytest.mark.parametrize("endpoint", READING)
def test_a_read_ignores_the_header(endpoint: Function, call: Callable[..., Reply], if_match: str) -> None:
    assert call(endpoint, if_match).status == 200


@pytest.mark.parametrize("endpoint", CONDITIONAL)
def test_a_change_between_check_and_write_refuses_the_write(
    endpoint: Function, call: Callable[..., Reply], account: Account, table: Table
) -> None:
    """The clone is a read of its original, which is as it was read: nothing of it is written."""
    etag = current_etag(call(endpoint, '"99"'))
    write, parameter = endpoint.write, load_app(endpoint.name).handler.loads.parameters[0]
    assert write
    changes = {
        "assistantId": lambda: account.update(
            account.call("list_assistants").json["assistants"][0]["id"], name="Theirs"
        ),
        "phoneNumberId": lambda: account.call("update_phone_number", *endpoint.path, body={"label": "Theirs"}),
        "connectionId": lambda: account.call(
            "update_telephony_connection",
            account.call("list_telephony_connections").json["telephony_connections"][0]["id"],
            body={"media": {"kind": "pipecat-cloud", "agent": "a.b"}},
        ),
        "apiKeyId": lambda: account.call("update_api_key", other_key(account), body={"name": "Theirs"}),
    }
    race(table, write, deleted_again(account) if DELETED_ID in endpoint.path else changes[parameter])
    assert call(endpoint, etag).status == (200 if endpoint.name == "clone_assistant" else 412)


def deleted_again(account: Account) -> Callable[[], object]:
    """Restores the deleted assistant, changes it, and deletes it."""
    (deleted,) = account.call("list_assistants", query={"deleted": "true"}).json["assistants"]

    def act() -> None:
        assert account.call("restore_assistant", deleted["id"], body={}).status == 200
        account.update(deleted["id"], name="Theirs")
        account.call("delete_assistant", deleted["id"])

    return act


def other_key(account: Account) -> str:
    listed = account.call("list_api_keys").json["api_keys"]
    return next(str(key["id"]) for key in listed if key["id"] != account.key_id)


@pytest.mark.parametrize("function", ["get_phone_number", "update_phone_number", "import_phone_number"])
def test_a_number_is_answered_with_the_same_etag_until_it_changes(account: Account, function: str) -> None:
    account.new_number("+14155550101")

    def etag(label: str) -> str:
        sent: dict[str, Any] = {
            "get_phone_number": {},
            "update_phone_number": {"body": {"label": label}},
            "import_phone_number": {"body": {"accountSlug": "my-team", "phoneNumber": "+14155550101", "label": label}},
        }[function]
        path = () if function == "import_phone_number" else (NUMBER,)
        return account.call(function, *path, **sent).headers["etag"]

    assert account.call("update_phone_number", NUMBER, body={"label": "One"}).status == 200
    first = etag("One")
    assert etag("One") == first
    assert account.call("update_phone_number", NUMBER, body={"label": "Two"}).headers["etag"] != first


def test_the_use_of_a_key_leaves_its_etag(account: Account) -> None:
    used = account.call("test_api_key")
    assert account.call("test_api_key").headers["etag"] == used.headers["etag"]
    renamed = account.call(
        "update_api_key", account.key_id, body={"name": "New"}, headers={"if-match": used.headers["etag"]}
    )
    assert renamed.status == 200
    assert renamed.headers["etag"] == account.call("test_api_key").headers["etag"] != used.headers["etag"]
