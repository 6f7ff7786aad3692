from tests.faults.scenarios.scenario import Attempt, scenario
from tests.harness import Account, Reply, load_handler, sample
from tests.webhooks import CALL_ID, answering, connected, ring, stream


def ringing(account: Account) -> tuple[str, str]:
    """The assistant of a call, and the call's token."""
    assistant = answering(account)
    url, _ = stream(ring(connected(account)))
    return assistant, url.rpartition("/")[2]


@scenario("list_calls")
def _(account: Account) -> Attempt:
    ringing(account)
    return Attempt(lambda: account.call("list_calls"))


@scenario("get_usage_stats")
def _(account: Account) -> Attempt:
    assistant, _ = ringing(account)
    return Attempt(lambda: account.call("get_usage_stats", assistant))


@scenario("get_call")
def _(account: Account) -> Attempt:
    _, token = ringing(account)
    event = sample("get_call")
    event["headers"]["authorization"] = f"Bearer {token}"
    assert event["pathParameters"]["callId"] == CALL_ID

    def act() -> Reply:
        response = load_handler("get_call")(event, None)
        return Reply(response["statusCode"], response["headers"], response["body"])

    return Attempt(act)
