"""What holds for the query parameters of every endpoint."""

import pytest

from tests.catalogue import ENDPOINTS, Function
from tests.conftest import Stored
from tests.harness import Account, load_app


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_unknown_query_parameter_is_refused_by_name(account: Account, endpoint: Function) -> None:
    reply = account.call(endpoint.name, query={"verbose": "1"})
    assert (reply.status, reply.json["details"][0]["field"]) == (400, "?verbose")


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in ENDPOINTS if endpoint.query])
def test_the_query_parameters_of_the_sample_event_are_accepted(account: Account, endpoint: Function) -> None:
    assert account.call(endpoint.name, query=endpoint.query).status in (200, 404)


@pytest.mark.parametrize("name", ["accountSlug", "account_slug"])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint_takes_the_account_and_checks_it_against_the_key(
    account: Account, other_account: Account, stored: Stored, endpoint: Function, name: str
) -> None:
    assert account.call(endpoint.name, query={**endpoint.query, name: account.slug}).status in (200, 404)
    before = stored.items()
    foreign = account.call(endpoint.name, query={**endpoint.query, name: other_account.slug})
    assert (foreign.status, foreign.code) == (403, "account_mismatch")
    assert stored.items() == before


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_parameter_without_a_value_is_one_that_was_not_sent(account: Account, endpoint: Function) -> None:
    """But for those without which a request does something else, such as `?dry_run=`."""
    query = load_app(endpoint.name).handler.query
    known = {field.alias or name for name, field in query.model_fields.items()} - query.never_blank
    bare = account.call(endpoint.name)
    assert account.call(endpoint.name, query=dict.fromkeys(known, "")).status == bare.status, bare.text


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_parameter_that_is_sent_twice_is_refused(account: Account, endpoint: Function) -> None:
    reply = account.call(
        endpoint.name, query={"accountSlug": "my-team,my-team"}, raw_query="accountSlug=my-team&accountSlug=my-team"
    )
    assert (reply.status, reply.json["details"][0]["message"]) == (400, "is sent twice; send it once.")


@pytest.mark.parametrize(
    ("function", "sent", "says"),
    [
        ("list_assistants", "sort", "the query parameters are accountSlug, limit, cursor, type"),
        ("list_assistants", "inboundEnabled", "did you mean inbound_enabled"),
        ("list_assistants", "page_size", "the query parameters are"),
        ("get_assistant", "expand", "the query parameters are accountSlug"),
    ],
)
def test_an_unknown_parameter_gets_a_hint_that_is_accepted(
    account: Account, function: str, sent: str, says: str
) -> None:
    assert says in account.call(function, query={sent: "true"}).json["error"]
