"""What a function must not import, because its first request would wait for it."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.catalogue import PUBLIC, Function
from tests.harness import ROOT

pytestmark = pytest.mark.long

DATABASE_AND_MODELS = {"assistants_api.storage", "assistants_api.models", "pydantic", "urllib3"}
OTHER_RESOURCES = {"assistants_api.storage.phone_numbers", "assistants_api.models.phone_number"}
TEMPLATES = {"assistants_api.templates", "tomllib"}
WHAT_IS_SENT = {"assistants_api.models.assistant_requests", "assistants_api.models.provider"}
WARNINGS = {"assistants_api.models.warnings"}
GRAPHEMES = find_spec("assistants_api.models.graphemes").name  # type: ignore[union-attr]
RARELY_NEEDED = {"difflib"}
ONLY_INSTALLED_HERE = {"boto3", "moto", "requests"}


def imported_by(function: str) -> set[str]:
    command = [sys.executable, "tests/endpoints/programs/print_imported.py", function]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return set(done.stdout.split())


def test_get_assistant_imports_neither_phone_numbers_nor_templates_nor_what_others_are_sent() -> None:
    imported = imported_by("get_assistant")
    assert imported >= DATABASE_AND_MODELS
    assert not imported & (OTHER_RESOURCES | TEMPLATES | WHAT_IS_SENT | RARELY_NEEDED)
    assert not {name for name in imported if "phone_number" in name or "templates" in name}


@pytest.mark.parametrize("function", ["answer_call", "record_call_status", "get_call"])
def test_what_a_call_waits_for_imports_no_models_of_json_requests(function: str) -> None:
    assert not {name for name in imported_by(function) if name.endswith("_requests") or "templates" in name}


def test_the_functions_that_need_them_import_them_by_these_names() -> None:
    """So that what other functions must not import is not the name of something that is gone."""
    assert imported_by("get_phone_number") >= OTHER_RESOURCES
    assert imported_by("create_assistant") >= TEMPLATES | WHAT_IS_SENT | WARNINGS


@pytest.mark.parametrize("function", ["assign_phone_numbers", "delete_assistant", "get_version", "route_call"])
def test_a_function_that_answers_no_warnings_imports_none_of_their_rules(function: str) -> None:
    assert not imported_by(function) & WARNINGS


def test_the_rules_of_graphemes_are_imported_for_a_clone_alone() -> None:
    assert GRAPHEMES not in imported_by("clone_assistant")


def test_get_assistant_imports_nothing_that_only_a_development_environment_has() -> None:
    assert {name for name in ONLY_INSTALLED_HERE if find_spec(name)} == ONLY_INSTALLED_HERE
    assert not imported_by("get_assistant") & ONLY_INSTALLED_HERE


@pytest.mark.parametrize("function", PUBLIC)
def test_a_function_without_an_api_key_imports_neither_the_database_nor_models(function: Function) -> None:
    assert not imported_by(function.name) & DATABASE_AND_MODELS
