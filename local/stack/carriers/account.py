"""What the stand-ins have in common: a WSGI application that notes its requests, and can be made to fail."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_ASKED = 1_000
Fault = Callable[[Request], Response | None]  # what is answered instead; None for what is asked for


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    authorization: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    content: object


def no_fault(request: Request) -> None:
    return None


class StandIn:
    """`asked` are the last requests. `fault` comes before them, also before the login."""

    def __init__(self) -> None:
        self.asked: deque[Asked] = deque(maxlen=MAX_ASKED)
        self.fault: Fault = no_fault

    def reset(self) -> None:
        """Makes it as new, without numbers."""
        self.asked.clear()
        self.fault = no_fault

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        content = json.loads(request.get_data()) if request.mimetype == "application/json" else None
        form = {} if content is not None else request.form.to_dict()
        login = request.headers.get("authorization", "")
        self.asked.append(Asked(request.method, request.path, login, request.args.to_dict(), form, content))
        return (self.fault(request) or self.respond(request))(environ, start_response)

    def respond(self, request: Request) -> Response:
        raise NotImplementedError

    def changes(self) -> list[Asked]:
        """The requests that change something."""
        return [it for it in self.asked if it.method != "GET"]


def answer(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")
