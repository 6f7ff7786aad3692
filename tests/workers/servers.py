"""What a worker talks to beside the carrier, on this machine: the API, and OpenAI as its clients see it."""

import json
import math
import threading
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CALL_ID, TOKEN = "CA/0 1", "t0ken"
OPENAI_RATE = 24_000  # Hz


@dataclass
class Request:
    path: str
    token: str
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, str, bytes]  # status, content type, body


@dataclass
class Service:
    """`url` is where it listens, `requests` what it was asked, in order."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)

    def asked(self, path: str) -> list[Request]:
        return [it for it in self.requests if it.path == path]


@contextmanager
def served(answer: Callable[[Request], Answer]) -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            request = Request(self.path, token, self.rfile.read(int(self.headers.get("content-length", 0))))
            service.requests.append(request)
            status, content_type, body = answer(request)
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        service.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


def as_json(status: int, answer: object) -> Answer:
    return status, "application/json", json.dumps(answer).encode()


def call_api(assistant: dict[str, Any]) -> Callable[[Request], Answer]:
    """`GET /api/calls/{callId}` of the one call."""

    def answer(request: Request) -> Answer:
        if request.token != TOKEN:
            return as_json(401, {"success": False, "error": "The call token is none of this deployment."})
        return as_json(200, {"success": True, "call": {"id": CALL_ID}, "assistant": assistant, "substituted": []})

    return answer


def openai(heard: str, reply: str) -> Callable[[Request], Answer]:
    """Hears what it is told to, and replies with it. Its voice is a tone of a tenth of a second for each word."""

    def answer(request: Request) -> Answer:
        if request.path == "/v1/audio/speech":
            return 200, "application/octet-stream", tone(len(request.json["input"].split()) / 10)
        if request.path == "/v1/audio/transcriptions":
            return as_json(200, {"text": heard})
        chunks = [{"content": reply}, {}]
        return 200, "text/event-stream", "".join(map(event, chunks)).encode() + b"data: [DONE]\n\n"

    return answer


def event(delta: dict[str, str]) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"


def tone(seconds: float) -> bytes:
    """Of 440 Hz, in 16-bit samples."""
    steps = range(int(OPENAI_RATE * seconds))
    return array("h", (int(20_000 * math.sin(math.tau * 440 * step / OPENAI_RATE)) for step in steps)).tobytes()
