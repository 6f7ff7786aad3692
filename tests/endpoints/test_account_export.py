"""An export has everything of an account."""

import pytest

from assistants_api.storage import account_export
from tests.conftest import Stored
from tests.harness import Account
from tests.operator import pages


def test_an_export_has_everything_and_no_secret(full: Account, stored: Stored) -> None:
    records = [record for page in pages("export_account", slug=full.slug) for record in page["records"]]
    kinds = [record["kind"] for record in records]
    assert {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)} == {
        "account": 1, "api_key": 2, "assistant": 2, "deleted_assistant": 1, "version": 5, "phone_number": 1,
        "telephony_connection": 1, "call": 1, "call_count": 2,
    }  # fmt: skip
    assert {record["assistant_id"] for record in records if record["kind"] == "call_count"} != {""}
    (number,) = full.call("list_phone_numbers").json["numbers"]
    assert {"kind": "phone_number", **number} in records
    assert full.token not in str(records)
    (shown,) = full.call("list_telephony_connections").json["telephony_connections"]
    assert {"kind": "telephony_connection", **shown} in records


def test_an_export_leaves_no_kind_of_item_out_unsaid(full: Account, stored: Stored) -> None:
    found = {item["SK"]["S"].partition("#")[0] for item in stored.items() if item["PK"]["S"] == f"ACCOUNT#{full.id}"}
    exported = {kind.prefix.removesuffix("#") for kind in account_export.KINDS}
    assert found - exported == {"ANSWER", "IDEMPOTENCY"}
    assert exported - found == set()


def test_pages_of_an_export_end_within_a_kind(full: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [record for page in pages("export_account", slug=full.slug) for record in page["records"]]
    monkeypatch.setattr(account_export, "PAGE", 1)
    found = list(pages("export_account", slug=full.slug))
    assert [record for page in found for record in page["records"]] == whole
    assert max(len(page["records"]) for page in found) == 1
