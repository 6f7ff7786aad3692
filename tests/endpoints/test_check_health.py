import json

from tests.harness import load_handler, sample


def test_it_answers_without_a_token_and_without_the_database() -> None:
    """There is no table in this test, so a call to it would fail."""
    response = load_handler("check_health")(sample("check_health"), None)
    assert response["statusCode"] == 200
    assert json.loads(response["body"]) == {"success": True, "docs": "/docs", "openapi": "/api/openapi.json"}
    assert response["headers"]["cache-control"] == "no-store"
