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
from assistants_api.storage import deleted_assistants
from assistants_api.storage.resources import PathResource
from local.openapi.responses import PATH_PARAMETERS, TAGS, ResponseSpec
from local.stack.template import Template


@dataclass(frozen=True)
class Operation:
    """`function` is the logical id in the template, `documentation` the docstring of its module."""

    method: str
    path: str
    function: str
    documentation: str
    tag: str
    response: ResponseSpec
    endpoint: Endpoint[Any, Any, Any]

    @property
    def path_names(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def id(self) -> str:
        return self.function[0].lower() + self.function[1:]

    @property
    def summary(self) -> str:
        text = self.documentation.split("\n", 1)[0].split(": ", 1)[1]
        return text[0].upper() + text[1:]

    @property
    def description(self) -> str:
        """What it does, in a sentence that stands alone, since some tools show nothing else; the scope comes last."""
        needs = f"Needs the scope `{self.endpoint.scope}`." if self.endpoint.scope else "Needs a token, but no scope."
        paragraphs = self.documentation.split("\n\n")[1:]
        return "\n\n".join([*(" ".join(paragraph.split()) for paragraph in paragraphs), needs])

    @property
    def is_undo(self) -> bool:
        """Whether its path names something that was deleted."""
        return self.endpoint.loads is deleted_assistants.in_path

    @property
    def body(self) -> type[BaseModel] | None:
        """What a client should send. A DELETE takes `accountSlug` in a body too, which HTTP gives no meaning to."""
        return None if self.method == "DELETE" else self.endpoint.body

    @property
    def errors(self) -> dict[int, list[type[ApiError]]]:
        """By status. Those that all endpoints share follow from `assistants_api.endpoint`."""
        found: list[type[ApiError]] = [errors.InternalError, errors.ItemUnreadable, errors.InvalidRequest]
        found += [errors.Unauthenticated, errors.RateLimited, errors.Unavailable]
        found += [errors.AccountSuspended, errors.AccountMismatch]
        found += [errors.MissingScope] * bool(self.endpoint.scope)
        found += [errors.PreconditionFailed] * self.endpoint.is_conditional
        found += [errors.IdempotencyKeyReused] * self.endpoint.changes
        if body := self.endpoint.body:
            found += [errors.BodyTooLarge, errors.UnsupportedMediaType]
            found += [errors.ReadOnlyField, errors.ChangedMeanwhile] * issubclass(body, Changes)
        found += [errors.InvalidCursor] * issubclass(self.endpoint.query, Pagination)
        for name in self.path_names:
            found += PATH_PARAMETERS[name].errors
        loaded = (self.endpoint.loads, self.endpoint.loads_beside)
        found += [it.not_found for it in loaded if isinstance(it, PathResource) and isinstance(it.not_found, type)]
        found += self.response.errors
        by_status: dict[int, list[type[ApiError]]] = {}
        for error in dict.fromkeys(found):
            by_status.setdefault(error.status, []).append(error)
        return by_status


def read_operations() -> Iterator[Operation]:
    """Every route of an Endpoint, but HEAD, which answers as GET without a body. What is no Endpoint, such as the
    reference page, needs no token and is for browsers and tools: it is no operation of a client."""
    template = Template()
    specs = {function: (tag, spec) for (tag, _), specs in TAGS.items() for function, spec in specs.items()}
    for route, name in template.routes.items():
        source = template.functions[name].app
        app = runpy.run_path(str(source))
        if isinstance(app["handler"], Endpoint) and not route.startswith("HEAD "):
            method, path = route.split(" ")
            yield Operation(method, path, name, app["__doc__"], *specs[source.parent.name], app["handler"])
