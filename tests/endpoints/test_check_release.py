"""What a release is refused for, and that the check writes nothing."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from werkzeug import Request, Response
from werkzeug.serving import make_server, make_ssl_devcert

from assistants_api import release
from assistants_api.storage import credentials
from assistants_api.storage.table import Table
from tests.conftest import Stored
from tests.engines import patched_environment
from tests.faults.injection import injected, refused as rejected
from tests.harness import load_handler

NOBODY = "http://127.0.0.1:9"  # nothing listens there


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(release, "ATTEMPTS", 2)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)  # whatever this machine has


def checked() -> Any:
    return load_handler("check_release")({}, None)


def refusal(**variables: str) -> str:
    """The error of the check with these variables, by which the functions have clients of their own."""
    credentials.from_env.cache_clear()
    with patched_environment(**variables):
        answer = checked()
    credentials.from_env.cache_clear()
    assert answer.keys() == {"ok", "code", "error"}
    assert (answer["ok"], answer["code"]) == (False, "release_refused")
    return str(answer["error"])


def test_a_release_that_has_what_it_needs_passes_and_nothing_is_written(stored: Stored, calls: list[str]) -> None:
    assert checked() == {"ok": True}
    assert calls == ["BatchGetItem"]
    assert stored.items() == []


def test_a_file_of_authorities_that_is_not_there_is_refused() -> None:
    assert refusal(AWS_CA_BUNDLE="/no/such.pem") == (
        "CaBundle: the functions have no file /no/such.pem with authorities; leave it empty, or name one that has, "
        "such as /etc/pki/tls/certs/ca-bundle.crt."
    )


def test_a_file_without_authorities_is_refused(tmp_path: Path) -> None:
    (bundle := tmp_path / "bundle.pem").write_text("no certificate")
    assert refusal(AWS_CA_BUNDLE=str(bundle)).startswith(f"CaBundle: the file {bundle} has no authorities")


@pytest.mark.parametrize(
    ("variable", "parameter", "secret"),
    [
        ("TOKEN_SECRET", "TokenSecretArn", ""),
        ("TOKEN_SECRET", "TokenSecretArn", "{{resolve:secretsmanager:arn}}"),
        ("PREVIOUS_TOKEN_SECRET", "PreviousTokenSecretArn", "{{resolve:secretsmanager:arn}}"),
    ],
)
def test_a_secret_that_was_not_resolved_is_refused(table: Table, variable: str, parameter: str, secret: str) -> None:
    assert refusal(**{variable: secret}) == (f"{parameter}: the secret has no text; name one that has a SecretString.")


def test_an_endpoint_of_dynamodb_where_nothing_answers_is_refused(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistants_api.storage.table.REQUEST_SECONDS", 0.1)
    assert refusal(AWS_ENDPOINT_URL_DYNAMODB=NOBODY) == (
        f"DynamoDBEndpoint: the table {table.name} is out of reach at {NOBODY}: nothing answers; leave it empty for "
        "that of the region."
    )


def test_an_endpoint_of_kms_where_nothing_answers_is_refused(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "REQUEST_SECONDS", 0.1)
    monkeypatch.setattr(release, "from_env", lambda: table)
    assert refusal(AWS_ENDPOINT_URL_KMS=NOBODY) == (
        f"KmsEndpoint: the key {os.environ['CREDENTIALS_KEY']} is out of reach at {NOBODY}: nothing answers; leave it "
        "empty for that of the region."
    )


def says(refused: str, what: str, reason: str) -> None:
    """Where a service has an endpoint of its own, as DynamoDB Local has, the refusal names its parameter too."""
    of_endpoint = re.escape(f"the {what} is out of reach at http://127.0.0.1:") + r"\d+" + re.escape(f": {reason}; ")
    assert refused == f"The {what} is out of reach: {reason}." or re.search(of_endpoint, refused), refused


def test_a_table_that_is_not_there_is_refused(table: Table) -> None:
    says(refusal(TABLE_NAME="none"), "table none", "there is none of this name")


def test_a_table_that_may_not_be_read_is_refused(table: Table) -> None:
    with injected(table.client, rejected("AccessDeniedException")):
        answer = checked()
    says(answer["error"], f"table {table.name}", "the function may not read it")


def test_a_key_that_is_not_there_is_refused(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "from_env", lambda: table)
    missing = "00000000-0000-4000-8000-00000000dead"
    says(refusal(CREDENTIALS_KEY=missing), f"key {missing}", "there is no such key")


def test_all_that_is_wrong_is_told_at_once(table: Table) -> None:
    told = refusal(AWS_CA_BUNDLE="/no/such.pem", TOKEN_SECRET="")
    assert ("CaBundle" in told, "TokenSecretArn" in told) == (True, True)


def test_what_passes_by_itself_is_waited_for(table: Table) -> None:
    """The rights of a new role take a while."""
    with injected(table.client, rejected("AccessDeniedException"), 1) as injection:
        assert checked() == {"ok": True}
    assert injection.sent == ["BatchGetItem", "BatchGetItem"]


# Whose certificates are trusted


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """One of nobody's, and its key."""
    return make_ssl_devcert(str(tmp_path_factory.mktemp("certificate") / "server"), host="localhost")


@pytest.fixture(scope="module")
def server(certificate: tuple[str, str]) -> Iterator[str]:
    """It answers nothing that is there."""
    server = make_server("localhost", 0, answer_nothing, ssl_context=certificate)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@Request.application
def answer_nothing(_: Request) -> Response:
    return Response('{"Responses": {}}', mimetype="application/x-amz-json-1.0")


def test_a_service_with_a_certificate_that_is_not_trusted_is_refused(
    table: Table, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistants_api.storage.table.REQUEST_SECONDS", 0.1)
    assert refusal(AWS_ENDPOINT_URL_DYNAMODB=server) == (
        f"CaBundle: no authority in the layer signed the certificate that the table {table.name} is behind; name a "
        f"file that has the one of {server}."
    )


@pytest.mark.parametrize("variable", ["TWILIO_API_URL", "TELNYX_API_URL"])
def test_a_carrier_with_a_certificate_that_is_not_trusted_is_refused(
    table: Table, server: str, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, server)
    assert checked()["error"] == (
        "CaBundle: no authority in the operating system signed a carrier's certificate; name a file that has the right "
        "one."
    )


def test_what_the_file_of_authorities_has_is_trusted(
    table: Table, server: str, certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("TWILIO_API_URL", "TELNYX_API_URL"):
        monkeypatch.setenv(variable, server)
    monkeypatch.setenv("AWS_CA_BUNDLE", certificate[0])
    assert checked() == {"ok": True}


@pytest.mark.parametrize("url", [NOBODY, "https://127.0.0.1:9", "https://nowhere.invalid"])
def test_a_carrier_that_is_down_refuses_no_release(table: Table, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TWILIO_API_URL", url)
    assert checked() == {"ok": True}
