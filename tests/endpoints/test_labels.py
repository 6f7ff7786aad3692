"""Names and labels, wherever they are sent: one line that people can see."""

from collections.abc import Callable

import pytest

from tests.catalogue import WITH_BODY, Function
from tests.conftest import Stored
from tests.harness import Account, Reply, admin, load_app, new_key, sample


def _fields() -> list[tuple[Function, str]]:
    """Every field of a request that holds a name or a label: text of 1 to 200 characters."""
    found = []
    for endpoint in WITH_BODY:
        for name, schema in load_app(endpoint.name).handler.body.model_json_schema()["properties"].items():
            if any(each.get("maxLength") == 200 for each in (schema, *schema.get("anyOf", []))):
                found.append((endpoint, name))
    return found


FIELDS = _fields()
NAMES = {"name"}  # trimmed, where labels are kept as they are
EXISTING: dict[str, Callable[[Account], str]] = {
    "assistantId": lambda account: str(account.new_assistant()["id"]),
    "phoneNumberId": lambda account: account.new_number(),
    "apiKeyId": lambda account: new_key(account.slug, account.id).key_id,
}
LINE_BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]
INVISIBLE = [" ", "   ", "\u00a0", "\u3000", "\u200b", "\u3164", "\u2800", "\u00ad", "\ufeff", "\u115f", "\ufe0f"]
every_field = pytest.mark.parametrize(("endpoint", "field"), FIELDS)


def send(account: Account, endpoint: Function, field: str) -> Callable[[str], Reply]:
    path = [EXISTING[name](account) for name in sample(endpoint.name).get("pathParameters", {})]
    return lambda text: account.call(endpoint.name, *path, body={**(endpoint.body or {}), field: text})


def test_the_fields_are_those_of_assistants_numbers_and_keys() -> None:
    labels = {"model", "voice_model", "voice_id", "voice_name", "transcriptor_model", "name"}
    assert {(endpoint.name, field) for endpoint, field in FIELDS} == {
        *(("create_assistant", label) for label in labels),
        *(("update_assistant", label) for label in labels),
        ("clone_assistant", "name"),
        ("import_phone_number", "label"),
        ("import_phone_number", "provider"),
        ("update_phone_number", "label"),
        ("update_phone_number", "provider"),
        ("create_api_key", "name"),
        ("update_api_key", "name"),
    }


@every_field
def test_what_nobody_can_see_is_refused_and_nothing_is_stored(
    account: Account, stored: Stored, endpoint: Function, field: str
) -> None:
    sender = send(account, endpoint, field)
    before = stored.items()
    replies = {text: sender(text) for text in ["", *INVISIBLE, "".join(INVISIBLE)]}
    assert {
        text: (reply.status, reply.json["details"][0]["field"]) for text, reply in replies.items()
    } == dict.fromkeys(replies, (400, f"/{field}"))
    assert "must hold a visible character, such as a letter." in replies["\u200b"].json["error"]
    assert stored.items() == before


@every_field
def test_control_characters_and_line_breaks_are_refused_and_nothing_is_stored(
    account: Account, stored: Stored, endpoint: Function, field: str
) -> None:
    sender = send(account, endpoint, field)
    before = stored.items()
    replies = {text: sender(f"a{text}b") for text in ["\x00", "\t", "\x1b", "\x7f", *LINE_BREAKS]}
    assert {
        text: (reply.status, reply.json["details"][0]["field"]) for text, reply in replies.items()
    } == dict.fromkeys(replies, (400, f"/{field}"))
    assert "control characters" in replies["\x00"].json["error"]
    assert stored.items() == before


@every_field
def test_invisible_characters_within_visible_text_are_kept(account: Account, endpoint: Function, field: str) -> None:
    sender = send(account, endpoint, field)
    for text in ("👩🏽‍💼", "می\u200cخواهم", "soft\u00adhyphen", "a\u200b", "x" * 200, "\ue000", "١٢"):
        reply = sender(text)
        (answered,) = (value for value in reply.json.values() if isinstance(value, dict))
        assert (reply.status, answered[field]) == (200, text)


@every_field
def test_spaces_around_a_name_are_trimmed_and_those_of_a_label_kept(
    account: Account, endpoint: Function, field: str
) -> None:
    reply = send(account, endpoint, field)(" x ")
    (answered,) = (value for value in reply.json.values() if isinstance(value, dict))
    assert (reply.status, answered[field]) == (200, "x" if field in NAMES else " x ")


@pytest.mark.parametrize("text", ["", *INVISIBLE, "a\nb", "a\x00b"])
def test_the_operators_names_are_of_the_same_kind(account: Account, text: str) -> None:
    assert admin("create_account", slug="other", name=text)["code"] == "invalid_request"
    key = {"slug": account.slug, "environment": "live", "scopes": ["*"]}
    assert admin("create_api_key", name=text, **key)["code"] == "invalid_request"
