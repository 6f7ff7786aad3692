from traceback import format_exception

from assistants_api.storage import keys
from assistants_api.storage.errors import RefusedByDynamoDB
from assistants_api.storage.table import from_env
from tests.faults.scenarios.scenario import Attempt, scenario
from tests.harness import Account, Reply, load_handler, removed_by_ttl


@scenario("purge_versions")
def _(account: Account) -> Attempt:
    assistant = account.new_assistant()["id"]
    account.call("delete_assistant", assistant)
    event, table = removed_by_ttl(from_env(), account, assistant), from_env()

    def act() -> Reply:
        """What Lambda logs of an exception is the text."""
        try:
            failures = load_handler("purge_versions")(event, None)["batchItemFailures"]
        except RefusedByDynamoDB as refusal:
            return Reply(500, {}, "".join(format_exception(refusal)))
        return Reply(503 if failures else 200, {"retry-after": "1"}, "")

    def done() -> bool:
        return not table.query(keys.partition(account.id), keys.versions(assistant), 1)[0]

    return Attempt(act, done)
