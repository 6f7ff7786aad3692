"""Bodies in which one field, such as `kind`, decides which others there are."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import MISSING, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from assistants_api.errors import Detail
from assistants_api.models.parsing import Body


def _is_none(value: object) -> bool:
    return value is None


def part(description: str, *examples: str) -> Any:
    """A field that not every kind has, and that is left out where there is none."""
    return Field(None, description=description, examples=list(examples), exclude_if=_is_none)


@dataclass(frozen=True)
class Fields:
    """The fields that come with a value of the deciding one. Those `together` are sent together or not at all."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    together: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return (*self.required, *self.together, *self.optional)

    def lacking(self, given: Collection[str]) -> list[str]:
        """The fields that are missing beside those given."""
        needed = (*self.required, *(self.together if set(self.together) & set(given) else ()))
        return [name for name in needed if name not in given]


class Variant(Body):
    """Such a body. Every field that is decided is optional in the model, and None stands for one that is left out."""

    decided_by: ClassVar[str]
    variants: ClassVar[Mapping[str, Fields]]

    @model_validator(mode="after")
    def _has_its_fields(self) -> Self:
        faults = [_fault(name, message) for name, message in self._wrong_fields()]
        if faults:
            raise ValidationError.from_exception_data(type(self).__name__, faults)
        return self

    def _wrong_fields(self) -> Iterator[tuple[str, str]]:
        variant = getattr(self, self.decided_by)
        yield from wrong_fields(type(self), variant, self.given())

    def given(self) -> dict[str, Any]:
        """The fields that are decided and were sent, by their names."""
        decided = {name for fields in self.variants.values() for name in fields.known}
        values = {name: getattr(self, name) for name in type(self).model_fields if name in decided}
        return {name: value for name, value in values.items() if value is not None and value is not MISSING}


def wrong_fields(model: type[Variant], variant: str, given: Collection[str]) -> Iterator[tuple[str, str]]:
    """The spelling of each field that the variant lacks or does not have, with what is wrong."""
    fields = model.variants[variant]
    for name in fields.lacking(given):
        field = model.model_fields[name]
        such_as = f", such as {field.examples[0]}" if field.examples and field.repr else ""  # no example of a secret
        beside = " and ".join(it for it in fields.together if it != name)
        what = beside if name in fields.together else f"the {model.decided_by} {variant}"
        yield field.alias or name, f"is required with {what}{such_as}."
    spelt = [model.model_fields[name].alias or name for name in fields.known]
    takes = f"which takes {', '.join(spelt)}" if spelt else "which takes no other field"
    for name in given:
        if name not in fields.known:
            field = model.model_fields[name]
            yield field.alias or name, f"does not go with the {model.decided_by} {variant}, {takes}."


def details(faults: Collection[tuple[str, str]], prefix: str = "/") -> list[Detail]:
    return [{"field": prefix + name, "message": message} for name, message in faults]


def _fault(name: str, message: str) -> InitErrorDetails:
    error = PydanticCustomError("value_error", "{error}", {"error": message})
    return InitErrorDetails(type=error, loc=(name,), input="")
