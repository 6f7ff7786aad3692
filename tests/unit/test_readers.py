"""From an item to a model, or to an error that names the item and says why, but not what it holds."""

from collections.abc import Callable
from typing import Any

import pytest

from assistants_api import templates
from assistants_api.errors import ItemUnreadable, MalformedId
from assistants_api.models.assistant_requests import NewAssistant
from assistants_api.storage import assistants, keys
from assistants_api.storage.compressed import unpack_text
from assistants_api.storage.readers import FAULTS, reader
from assistants_api.storage.values import pack, unpack

SECRET = "what the item holds"
KEY = {"PK": "ACCOUNT#acct_01jd5xexamp1e0000000000000"}


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        ({"N": "7"}, 7),
        ({"N": "0.5"}, 0.5),
        ({"N": "1E+30"}, 1e30),
        ({"NULL": True}, None),
        ({"NS": ["2", "1.5"]}, [1.5, 2]),
        ({"BS": [b"b", b"a"]}, [b"a", b"b"]),
        ({"L": [{"NULL": True}, {"M": {"x": {"N": "1.5"}}}]}, [None, {"x": 1.5}]),
    ],
)
def test_every_type_of_dynamodb_is_some_value(stored: dict[str, Any], value: object) -> None:
    assert unpack({"it": stored}) == {"it": value}


def fail_with(fault: Exception) -> Callable[[Any], object]:
    def convert(item: object) -> object:
        raise fault

    return convert


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_tells_what_the_item_holds(fault: type[Exception]) -> None:
    told = "name" if fault is KeyError else "malformed" if issubclass(fault, MalformedId) else SECRET
    with pytest.raises(ItemUnreadable) as refused:
        reader(fail_with(fault(told)))({**KEY, "SK": "ACCOUNT"})
    if fault.__name__ != "error":  # zlib's own words
        assert SECRET not in refused.value.to_log() + refused.value.message
    assert refused.value.to_log().startswith("account acct_01jd5xexamp1e0000000000000: ")


def test_a_text_that_cannot_be_unpacked_is_a_fault() -> None:
    with pytest.raises(ItemUnreadable, match="version 3 of asst_1"):
        reader(lambda item: unpack_text("assistant", item))(
            {**KEY, "SK": "VERSION#asst_1#00000003", "compressed": b"junk"}
        )


@pytest.mark.parametrize(
    ("sort_key", "named"),
    [
        ("ACCOUNT", ("account", "acct_01jd5xexamp1e0000000000000", "")),
        ("ASSISTANT#asst_1", ("assistant", "asst_1", "")),
        ("DELETED#asst_1", ("deleted assistant", "asst_1", "")),
        ("VERSION#asst_1#00000120", ("version", "120", "asst_1")),
        ("NUMBER#+14155550101", ("phone number", "pn_14155550101", "")),
        ("APIKEY#0f", ("API key", "key_0f", "")),
        ("CONNECTION#conn_1", ("telephony connection", "conn_1", "")),
        ("CALL#2026-01-01T00:00:00Z#CA1", ("call", "CA1", "")),
        ("ANSWER#CA1", ("call", "CA1", "")),
        ("CALLDAY#asst_1#2026-01-01", ("count of calls", "2026-01-01", "asst_1")),
        ("SOMETHING#1", ("item", "1", "")),
    ],
)
def test_an_item_is_named_as_the_api_names_it(sort_key: str, named: tuple[str, str, str]) -> None:
    assert keys.named((KEY["PK"], sort_key)) == named


def test_an_assistant_under_the_key_of_another_cannot_be_read() -> None:
    wanted = NewAssistant(account_slug="my-team", name="Test", template_id="custom")
    configuration = templates.load("custom")["configuration"]
    made = wanted.to_assistant("acct_01jd5xexamp1e0000000000000", configuration)
    assistant = unpack(pack(assistants.to_item(made)))
    with pytest.raises(ItemUnreadable) as refused:
        assistants.from_item({**assistant, "id": "asst_01jd5xexamp1e0000000000009"})
    assert refused.value.reason == "its key is another item's"
