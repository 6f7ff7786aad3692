"""BatchGetItem is no snapshot: one of its items may be read before a transaction and another after it."""

import json
import zlib

from assistants_api.storage.table import Table
from tests.faults.injection import Fault, Reply, injected
from tests.harness import Account

NUMBER = "+14155550101"


def without(key: str) -> Fault:
    """The item with that sort key is read before it is there."""

    def after(operation: str, reply: Reply) -> None:
        content = json.loads(reply["body"])
        for table, items in content["Responses"].items():
            content["Responses"][table] = [item for item in items if item["SK"]["S"] != key]
        reply["body"] = json.dumps(content).encode()
        reply["headers"]["x-amz-crc32"] = str(zlib.crc32(reply["body"]))

    return Fault(after=after)


def test_a_number_that_the_account_is_importing_does_not_seem_to_be_anothers(account: Account, table: Table) -> None:
    account.new_number(NUMBER, label="First")
    for half in (f"NUMBER#{NUMBER}", "NUMBER"):
        with injected(table.client, without(half), 1, "BatchGetItem"):
            reply = account.call("import_phone_number", body={"accountSlug": account.slug, "phoneNumber": NUMBER})
        assert (reply.status, reply.json["phone_number"]["label"]) == (200, "First")


def test_a_number_that_moves_while_it_is_read_is_answered_by_its_new_assistant(account: Account, table: Table) -> None:
    assistant = account.new_assistant("inbound-support")["id"]
    account.assign(assistant, [account.new_number(NUMBER)])
    with injected(table.client, without(f"ASSISTANT#{assistant}"), 2, "BatchGetItem"):
        assert account.route(NUMBER).json["assistant"]["id"] == assistant


def test_an_assignment_made_while_it_is_read_is_not_made_twice(account: Account, table: Table) -> None:
    assistant, number = account.new_assistant()["id"], account.new_number(NUMBER)
    account.assign(assistant, [number])
    with injected(table.client, without(f"NUMBER#{NUMBER}"), 1, "BatchGetItem"):
        assert account.assign(assistant, [number]).status == 200
    assert account.changes(assistant) == 2
