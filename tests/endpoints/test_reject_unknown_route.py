from tests.harness import load_handler, sample


def test_an_unknown_route_gets_the_usual_envelope() -> None:
    response = load_handler("reject_unknown_route")(sample("reject_unknown_route"), None)
    assert response["statusCode"] == 404
    assert response["headers"]["x-request-id"] == "JKJaXmPLvHcESHA="
    assert response["body"] == (
        '{"success":false,"error":"There is no GET /api/nowhere; see the README for the endpoints.",'
        '"code":"route_not_found","request_id":"JKJaXmPLvHcESHA="}'
    )
