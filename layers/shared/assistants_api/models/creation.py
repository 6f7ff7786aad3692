"""The bodies of POST requests."""

from types import NoneType
from typing import Any, get_args

from pydantic import model_validator

from assistants_api.models.parsing import Body


class Creation(Body):
    """The body of a POST. null leaves an optional field out, unless null is one of the field's own values."""

    @classmethod
    def left_out_by_null(cls) -> set[str]:
        """The names of these fields, in each spelling."""
        return {
            spelling
            for name, field in cls.model_fields.items()
            for spelling in (name, field.alias or name)
            if not field.is_required() and NoneType not in get_args(field.annotation)
        }

    @model_validator(mode="before")
    @classmethod
    def _leave_out(cls, content: Any) -> Any:
        if not isinstance(content, dict) or None not in content.values():
            return content
        names = cls.left_out_by_null()
        return {name: value for name, value in content.items() if value is not None or name not in names}
