"""Every error describes itself, and the tree in the module's docstring is the tree of its classes."""

from collections.abc import Iterator
from typing import get_args

import pytest

from assistants_api import errors
from assistants_api.errors import ApiError
from assistants_api.models.assistant import TemplateId


def subclasses(error: type[ApiError]) -> Iterator[type[ApiError]]:
    """In the order of the module."""
    for subclass in error.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def tree(error: type[ApiError], level: int = 0) -> Iterator[str]:
    status = f" ({error.status})" if "status" in vars(error) else ""
    yield f"{'  ' * level}{'*x+'[level]} {error.__name__}{status}"
    for subclass in error.__subclasses__():
        yield from tree(subclass, level + 1)


CONCRETE_ERRORS = [error for error in subclasses(ApiError) if hasattr(error, "code")]


def test_the_module_opens_with_its_tree() -> None:
    assert "\n".join(tree(ApiError)) in (errors.__doc__ or "")


def test_every_code_is_that_of_one_error() -> None:
    assert len({error.code for error in CONCRETE_ERRORS}) == len(CONCRETE_ERRORS)


@pytest.mark.parametrize("error", CONCRETE_ERRORS)
def test_an_error_has_a_summary_and_an_example_in_sentences(error: type[ApiError]) -> None:
    assert (error.__doc__ or "").endswith(".")
    assert error(*error.example).message.endswith(".")


def test_the_example_of_an_unknown_template_names_those_that_exist() -> None:
    assert errors.TemplateNotFound.example[1] == list(get_args(TemplateId))


def test_more_than_ten_numbers_of_an_assistant_are_counted() -> None:
    numbers = [f"pn_141555501{index:02}" for index in range(12)]
    message = errors.AssistantHasPhoneNumbers(numbers).message
    assert "pn_14155550109 and 2 more" in message
    assert "pn_14155550110" not in message
