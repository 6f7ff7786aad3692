import gzip
import json
from base64 import b64decode
from typing import Any

import pytest

from tests.harness import load_handler, sample


def get(**headers: str | None) -> Any:
    event = sample("get_openapi")
    event["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
    event["headers"] = {name: value for name, value in event["headers"].items() if value is not None}
    return load_handler("get_openapi")(event, None)


def test_it_is_the_document_and_needs_no_token() -> None:
    response = get(accept_encoding=None)
    assert (response["statusCode"], response["headers"]["content-type"]) == (200, "application/json")
    assert json.loads(b64decode(response["body"]))["openapi"] == "3.1.0"
    assert "content-encoding" not in response["headers"]
    assert response["headers"]["x-request-id"]


def test_it_is_gzipped_for_those_who_accept_that() -> None:
    plain, packed = get(accept_encoding="identity"), get(accept_encoding="br, gzip;q=0.8")
    assert packed["headers"]["content-encoding"] == "gzip"
    assert gzip.decompress(b64decode(packed["body"])) == b64decode(plain["body"])
    assert packed["headers"]["vary"] == plain["headers"]["vary"] == "Accept-Encoding"
    assert packed["headers"]["etag"] != plain["headers"]["etag"]


@pytest.mark.parametrize("accepted", ["gzip;q=0", "gzip; q=0.0, br", "identity", "x-gzipped", ""])
def test_it_is_not_gzipped_for_others(accepted: str) -> None:
    assert "content-encoding" not in get(accept_encoding=accepted)["headers"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}'])
def test_who_has_it_already_is_told_so(form: str) -> None:
    first = get()
    again = get(if_none_match=form.format(first["headers"]["etag"]))
    assert (again["statusCode"], again["body"]) == (304, "")
    assert again["headers"]["etag"] == first["headers"]["etag"]
    assert again["headers"]["cache-control"] == first["headers"]["cache-control"] == "public, max-age=300"


def test_who_has_another_gets_this_one() -> None:
    assert get(if_none_match='"other"')["statusCode"] == 200
