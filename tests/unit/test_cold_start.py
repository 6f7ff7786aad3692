"""The tricks of a cold start act inside Lambda alone; tests/layer shows what they do there."""

import collections
import dataclasses
import gc
import re
import typing
from collections.abc import Iterator

import pytest

from assistants_api import cold_start

REPLACED = [(collections, "eval"), (dataclasses, "exec"), (typing, "compile")]


def replaced() -> list[str]:
    names = [f"{module.__name__}.{name}" for module, name in REPLACED if name in vars(module)]
    original = vars(re)["_compiler"].compile is cold_start._compile_pattern
    return names if original else ["re._compiler.compile", *names]


@pytest.fixture
def lambdas_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "GetAssistant")
    yield
    cold_start.end()
    gc.unfreeze()


def test_outside_lambda_a_program_collects_garbage_and_nothing_is_replaced() -> None:
    cold_start.begin()
    assert gc.isenabled()
    assert replaced() == []
    cold_start.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


@pytest.mark.usefixtures("lambdas_environment")
def test_inside_lambda_no_garbage_is_collected_until_the_end_of_the_imports() -> None:
    cold_start.begin()
    assert not gc.isenabled()
    cold_start.end()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


@pytest.mark.usefixtures("lambdas_environment")
def test_without_the_file_of_the_build_nothing_is_replaced_inside_lambda() -> None:
    cold_start.begin()
    assert replaced() == []


@pytest.mark.usefixtures("lambdas_environment")
def test_the_end_of_the_imports_leaves_the_standard_library_as_it_was() -> None:
    cold_start.begin()
    cold_start.remember()
    assert len(replaced()) == 4
    assert re.compile("never compiled before").match("never compiled before")
    cold_start.end()
    assert replaced() == []
