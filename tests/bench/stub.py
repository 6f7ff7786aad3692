"""A DynamoDB and KMS that answer every call after the same time, with what is canned: a child that says its port."""

import json
import ssl
import sys
import threading
import time
import zlib
from base64 import b64encode
from dataclasses import asdict, dataclass
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any
from uuid import uuid4

from assistants_api.storage.keys import named
from tests.bench.canned import CARRIER_SECRETS, ITEMS_PER_PAGE, items
from tests.bench.child import serve

Answer = tuple[HTTPStatus, dict[str, Any]]
REFUSED = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"


@dataclass(frozen=True)
class Call:
    """`began` and `ended` in seconds of this process's clock, `sent` and `received` in bytes as the function has it."""

    operation: str
    began: float
    ended: float
    sent: int
    received: int


class Stub(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, latency: float, certificate: str) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.latency = latency
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(certificate)
        self.calls: list[Call] = []
        self.items = items()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def forget(self) -> list[dict[str, Any]]:
        """The calls since the last time."""
        calls, self.calls = self.calls, []
        return [asdict(call) for call in calls]


class Connection(StreamRequestHandler):
    disable_nagle_algorithm = True
    server: Stub

    def setup(self) -> None:
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        while head := self._head():
            lines = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            began = time.perf_counter()
            operation = headers["x-amz-target"].rpartition(".")[2]
            status, content = answer(self.server.items, operation, json.loads(body))
            answered = _response(status, content)
            time.sleep(max(0.0, began + self.server.latency - time.perf_counter()))
            ended = time.perf_counter()
            self.server.calls.append(Call(operation, began, ended, len(head) + len(body), len(answered)))
            self.wfile.write(answered)

    def _head(self) -> bytes:
        head = b""
        while line := self.rfile.readline():
            head += line
            if line == b"\r\n":
                return head
        return b""


def answer(stored: dict[str, Any], operation: str, request: dict[str, Any]) -> Answer:
    match operation:
        case "GetItem":
            return HTTPStatus.OK, {"Item": _item(stored, request["Key"])}
        case "BatchGetItem":
            found = {
                table: [item for key in wanted["Keys"] if (item := _item(stored, key))]
                for table, wanted in request["RequestItems"].items()
            }
            return HTTPStatus.OK, {"Responses": found, "UnprocessedKeys": {}}
        case "Query":
            texts = [value["S"] for value in request["ExpressionAttributeValues"].values() if "S" in value]
            prefix = next(text for text in texts if text in stored)
            like = _item(stored, {"SK": stored[prefix]["SK"]})
            sort_keys = [f"{like['SK']['S'][:-2]}{number:02}" for number in range(ITEMS_PER_PAGE)]
            page = [_item(stored, {"PK": like["PK"], "SK": {"S": sort_key}}) for sort_key in sort_keys]
            return HTTPStatus.OK, {"Items": page, "Count": len(page), "ScannedCount": len(page)}
        case "UpdateItem" if request["Key"]["PK"]["S"].startswith("USAGE#"):
            return HTTPStatus.OK, {"Attributes": {"reserved": {"N": "1"}}}
        case "UpdateItem" if item := _item(stored, request["Key"]):
            return HTTPStatus.OK, {"Attributes": item}
        case "UpdateItem":
            return HTTPStatus.BAD_REQUEST, {"__type": REFUSED, "message": "The conditional request failed"}
        case "Decrypt":
            return HTTPStatus.OK, {"Plaintext": b64encode(json.dumps(CARRIER_SECRETS).encode()).decode()}
    return HTTPStatus.OK, {}


def _item(stored: dict[str, Any], key: dict[str, Any]) -> dict[str, Any]:
    """The canned item of that key or kind, under the key asked for; none of a kind that there is not."""
    sort_key = key["SK"]["S"]
    item = stored.get(sort_key) or stored.get(sort_key.partition("#")[0] + "#")
    if not item:
        return {}
    pk, sk = ({**item, **key}[name]["S"] for name in ("PK", "SK"))
    return {**item, **key} | ({"id": {"S": named((pk, sk))[1]}} if "id" in item else {})


def _response(status: HTTPStatus, content: dict[str, Any]) -> bytes:
    """As DynamoDB answers."""
    body = json.dumps(content, separators=(",", ":")).encode()
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Server: Server",
        "Date: Mon, 15 Jan 2024 10:00:00 GMT",
        "Content-Type: application/x-amz-json-1.0",
        f"Content-Length: {len(body)}",
        "Connection: keep-alive",
        f"x-amzn-RequestId: {uuid4().hex.upper()}",
        f"x-amz-crc32: {zlib.crc32(body)}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def main(latency: float, certificate: str) -> None:
    with Stub(latency, certificate) as stub:
        threading.Thread(target=stub.serve_forever, daemon=True).start()
        serve(stub.port, stub.forget, sys.stdout)
        stub.shutdown()


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
