"""Calls DynamoDB and KMS in every way there is, with nothing but the layer, whose folder is the argument."""

import sys
from importlib.util import find_spec

from tests.harness import admin, new_account, new_key
from tests.webhooks import connected, ring

account, other = new_account("my-team", rate_limit_per_hour=100), new_account("other-team")
number, assistant = account.new_number(), account.new_assistant()["id"]
replies = [
    account.update(assistant, name="New"),
    account.assign(assistant, [number]),
    account.route("+14155550101"),
    account.call("list_phone_numbers"),
    account.call("list_assistants", query={"name": "new"}),
    account.call("clone_assistant", assistant),
    account.call("get_template", "custom"),
    account.call("delete_assistant", assistant, query={"force": "true"}),
    account.call("delete_phone_number", number),
    account.call("create_telephony_connection"),
    ring(connected(account)),
    account.call("delete_api_key", new_key("my-team", account.id).key_id),
]
assert [reply.status for reply in replies] == [200] * len(replies), replies
assert admin("list_api_keys", slug="my-team")["ok"]
for name in ("assistants_api", "botocore", "pydantic", "pydantic_core"):
    spec = find_spec(name)
    assert spec
    assert str(spec.origin).startswith(sys.argv[1]), spec
