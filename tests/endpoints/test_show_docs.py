import gzip
import re
from base64 import b64decode
from typing import Any

import pytest

from tests.harness import ROOT, load_handler, sample

VIEWER = ["docs.css", "docs.js", "swagger-ui.css", "swagger-ui.js"]
MAX_BYTES = 6 * 1024 * 1024  # of a Lambda function's response


def get(file: str | None, encoding: str = "gzip") -> Any:
    event = sample("show_docs")
    event["headers"]["accept-encoding"] = encoding
    event["pathParameters"] = {"file": file}
    if file is None:
        del event["pathParameters"]
    return load_handler("show_docs")(event, None)


def text(response: Any) -> str:
    return gzip.decompress(b64decode(response["body"])).decode()


def test_the_page_names_only_files_that_there_are() -> None:
    response = get(None)
    assert (response["statusCode"], response["headers"]["content-type"]) == (200, "text/html; charset=utf-8")
    named = re.findall(r'(?:src|href)="docs/([^"]+)"', text(response))
    assert sorted(named) == VIEWER
    assert [get(name)["statusCode"] for name in named] == [200] * len(named)


@pytest.mark.parametrize("parameters", [None, {}])
def test_no_path_parameter_is_the_page(parameters: dict[str, str] | None) -> None:
    response = load_handler("show_docs")(sample("show_docs") | {"pathParameters": parameters}, None)
    assert (response["statusCode"], response["headers"]["content-type"]) == (200, "text/html; charset=utf-8")


def test_the_page_and_its_own_files_name_no_other_host_and_hold_no_inline_script() -> None:
    page = text(get(None))
    assert not re.search(r"https?:|//", "".join([page, text(get("docs.js")).partition("\n")[2], text(get("docs.css"))]))
    assert not re.search(r"<script(?![^>]* src=)|<style| on\w+=|style=", page)


@pytest.mark.parametrize("file", [None, *VIEWER])
def test_the_policy_allows_scripts_of_this_host_alone(file: str | None) -> None:
    headers = get(file)["headers"]
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["etag"]
    assert headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize("file", [None, *VIEWER])
def test_a_file_fits_into_a_response_gzipped_or_not(file: str | None) -> None:
    plain, packed = get(file, "identity"), get(file)
    assert max(len(packed["body"]), len(plain["body"])) < MAX_BYTES
    assert b64decode(plain["body"]) == gzip.decompress(b64decode(packed["body"]))


@pytest.mark.parametrize("file", ["swagger-ui.css", "swagger-ui.js"])
def test_a_large_file_is_sent_gzipped_with_less_than_half_of_its_bytes(file: str) -> None:
    assert 2 * len(get(file)["body"]) < len(get(file, "identity")["body"])


@pytest.mark.parametrize("file", ["index.html", "app.py", "../app.py", "swagger-ui.js.gz", "", "x" * 500])
def test_another_file_is_a_404_in_the_usual_envelope(file: str) -> None:
    response = get(file)
    assert response["statusCode"] == 404
    assert '"code":"route_not_found"' in response["body"]


def test_the_licence_of_the_viewer_is_with_it() -> None:
    notice = (ROOT / "functions/show_docs/THIRD-PARTY.txt").read_text("utf-8")
    assert re.match(r"swagger-ui-dist \d+\.\d+\.\d+, Apache-2.0", notice)
    assert "Apache License" in notice
