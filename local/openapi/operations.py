"""The routes of the template, with everything known about each."""

import re
import runpy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from assistants_api import errors
from assistants_api.endpoint import Endpoint
from assistants_api.errors import ApiError
from assistants_api.models.changes import Changes
from assistants_api.models.pagination import Pagination
from assistants_api.models.parsing import NoQuery, OptionalAccountBody
from local.openapi.responses import PATH_PARAMETERS, TAGS, ResponseSpec
from local.stack.template import DEFAULT_ROUTE, Template


@dataclass(frozen=True)
class RequestSpec:
    """What a handler accepts. A public one needs no token."""

    is_public: bool
    scope: str | None
    body: type[BaseModel] | None
    query: type[BaseModel]


def request_spec(handler: Any) -> RequestSpec:
    if not isinstance(handler, Endpoint):
        return RequestSpec(True, None, None, NoQuery)
    return RequestSpec(False, handler.scope, handler.body, handler.query)


@dataclass(frozen=True)
class Operation:
    """`function` is the logical id in the template, `documentation` the docstring of its module."""

    method: str
    path: str
    function: str
    documentation: str
    tag: str
    request: RequestSpec
    response: ResponseSpec

    @property
    def path_names(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def id(self) -> str:
        """The function's logical id; the parameters too where one function serves several paths."""
        suffix = "".join(name.capitalize() for name in self.path_names if self.response.files)
        return self.function[0].lower() + self.function[1:] + suffix

    @property
    def summary(self) -> str:
        text = self.documentation.split("\n", 1)[0].split(": ", 1)[1]
        return text[0].upper() + text[1:]

    @property
    def description(self) -> str:
        needs = f"Needs the scope `{self.request.scope}`." if self.request.scope else "Needs a token, but no scope."
        if self.request.is_public:
            needs = "Needs no token."
        paragraphs = self.documentation.split("\n\n")[1:]
        return "\n\n".join([*(" ".join(paragraph.split()) for paragraph in paragraphs), needs])

    @property
    def errors(self) -> dict[int, list[type[ApiError]]]:
        """By status. Those that all endpoints share follow from `assistants_api.endpoint`."""
        found: list[type[ApiError]] = [errors.InternalError]
        if not self.request.is_public:
            found += [errors.InvalidRequest, errors.Unauthenticated, errors.RateLimited, errors.Unavailable]
        if self.request.scope:
            found.append(errors.MissingScope)
        if body := self.request.body:
            found += [errors.BodyTooLarge, errors.UnsupportedMediaType]
            found += [errors.AccountMismatch] * issubclass(body, OptionalAccountBody)
            found += [errors.ReadOnlyField] * issubclass(body, Changes)
        found += [errors.InvalidCursor] * issubclass(self.request.query, Pagination)
        for name in self.path_names:
            found += PATH_PARAMETERS[name].errors
        found += self.response.errors
        by_status: dict[int, list[type[ApiError]]] = {}
        for error in dict.fromkeys(found):
            by_status.setdefault(error.status, []).append(error)
        return by_status


def read_operations() -> Iterator[Operation]:
    template = Template()
    specs = {function: (tag, spec) for (tag, _), specs in TAGS.items() for function, spec in specs.items()}
    for route, name in template.routes.items():
        if route == DEFAULT_ROUTE or route.startswith("HEAD "):  # HEAD answers as GET, without a body
            continue
        source = template.functions[name].app
        method, path = route.split(" ")
        tag, response = specs[source.parent.name]
        app = runpy.run_path(str(source))
        yield Operation(method, path, name, app["__doc__"], tag, request_spec(app["handler"]), response)
