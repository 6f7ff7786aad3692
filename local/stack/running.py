"""The note that a running stack leaves in .stack, so that `make audit` and `make admin` find it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from local.stack.template import ROOT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOTES = ROOT / ".stack"


@dataclass(frozen=True)
class RunningStack:
    """`dynamodb` is the endpoint that it uses, `region` the one that its requests name."""

    url: str
    dynamodb: str
    region: str
    table: str

    @property
    def answers(self) -> bool:
        """Whether it still runs, and no other program has taken its port."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().headers["apigw-requestid"] is not None
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def lambda_client(self) -> Any:
        return lambda_client(self.url, self.region)

    def dynamodb_client(self) -> "DynamoDBClient":
        return boto3.Session("local", "local", region_name=self.region).client(
            "dynamodb", endpoint_url=self.dynamodb, config=Config(proxies={})
        )


def lambda_client(url: str, region: str = "us-east-1") -> Any:
    """For a local stack at this URL."""
    return boto3.Session("local", "local", region_name=region).client(
        "lambda", endpoint_url=url, config=Config(proxies={})
    )


@contextmanager
def noted(stack: RunningStack, folder: Path = NOTES) -> Iterator[None]:
    """Leaves the note."""
    note = folder / f"{urlsplit(stack.url).port}.json"
    folder.mkdir(exist_ok=True)
    note.write_text(json.dumps(asdict(stack)))
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def running(folder: Path = NOTES) -> RunningStack | None:
    """The stack that runs from this checkout, on PORT where that is set, else on the lowest port."""
    wanted = os.environ.get("PORT") or "*"
    for note in sorted(folder.glob(f"{wanted}.json"), key=lambda it: int(it.stem)):
        stack = RunningStack(**json.loads(note.read_text()))
        if stack.answers:
            return stack
    return None
