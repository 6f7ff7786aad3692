"""Prints as JSON where clients for DynamoDB and KMS send their calls, for each kind of region and endpoint."""

import itertools
import json
import sys
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config

REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1", "sa-east-1"]


class Reply:
    def stream(self) -> list[bytes]:
        return [b"{}"]


CALLS: dict[str, Callable[[Any], object]] = {
    "dynamodb": lambda client: client.query(TableName="any", KeyConditionExpression="PK = SK"),
    "kms": lambda client: client.encrypt(KeyId="any", Plaintext=b"any"),
}


def url_of(service: str, region: str, fips: bool, dualstack: bool) -> str:
    urls: list[str] = []

    def answer(request: Any, **_: Any) -> Any:
        urls.append(request.url)
        headers: Any = {}
        return AWSResponse(request.url, 200, headers, Reply())

    config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dualstack)
    try:
        client: Any = botocore.session.get_session().create_client(service, region_name=region, config=config)
        client.meta.events.register("before-send", answer)
        CALLS[service](client)
    except Exception as error:  # noqa: BLE001  (a kind that does not exist is compared, too)
        return f"{type(error).__name__}: {error}"
    return urls[0]


kinds = itertools.product(CALLS, REGIONS, (False, True), (False, True))
sys.stdout.write(json.dumps({" ".join(map(str, kind)): url_of(*kind) for kind in kinds}))
