"""What all errors are."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict


class Detail(TypedDict):
    """One thing wrong with a request. `field` is a JSON pointer into the body, or `?name` for a query parameter."""

    field: str
    message: str


class ApiError(Exception):
    """Base class of all errors. Each describes itself for openapi.json: its docstring is the summary there, and
    `example` holds the arguments of an example."""

    status: ClassVar[int]
    code: ClassVar[str]
    example: ClassVar[tuple[Any, ...]] = ()
    headers: Mapping[str, str] = {}
    cause = ""  # what failed underneath, for the log only

    def __init__(self, message: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    @property
    def logged(self) -> Mapping[str, object]:
        """What the request's log line says of it, beside its code."""
        return {"cause": self.cause} if self.cause else {}
