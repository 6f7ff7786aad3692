"""Whose certificates are trusted when DynamoDB is asked."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest
from botocore.exceptions import SSLError
from werkzeug import Request, Response
from werkzeug.serving import make_server, make_ssl_devcert

from assistants_api.storage.table import from_env
from tests.engines import patched_environment


class Database(NamedTuple):
    endpoint: str
    certificate: str


@Request.application
def answer_nothing(_: Request) -> Response:
    return Response("{}", mimetype="application/x-amz-json-1.0")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """It has a certificate that nobody knows."""
    folder: Path = tmp_path_factory.mktemp("certificate")
    certificate, key = make_ssl_devcert(str(folder / "database"), host="localhost")
    server = make_server("localhost", 0, answer_nothing, ssl_context=(certificate, key))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Database(f"https://localhost:{server.port}", certificate)
    server.shutdown()
    thread.join()
    server.server_close()


def ask(database: Database, **bundle: str) -> None:
    with patched_environment(AWS_ENDPOINT_URL_DYNAMODB=database.endpoint, **bundle):
        from_env().client.batch_get_item(RequestItems={})


def test_an_empty_name_of_a_bundle_means_the_well_known_authorities(database: Database) -> None:
    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(database, AWS_CA_BUNDLE="")


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_the_bundle_that_is_named_is_trusted(database: Database, name: str) -> None:
    ask(database, **{"AWS_CA_BUNDLE": "", name: database.certificate})
