"""What is wrong with an assistant although it is no error: it is stored as it is."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Literal, TypedDict

from assistants_api.models.assistant import Assistant
from assistants_api.models.messages import did_you_mean, nearest, shortened
from assistants_api.models.retirement import ModelWarning, ModelWarningCode, model_warnings
from assistants_api.models.variables import FIELDS, IN_BRACES, KNOWN, VARIABLE, is_known, parse, prompts

MAX_WARNINGS = 20
MAX_HELD = 1_000  # characters behind braces in which others may close them

# Braces that open, and close if they can. Of three that open the inner two are a variable's; the outer one is a fault
# if there is a third one that closes.
OPENED = re.compile(IN_BRACES + r"|\{(?=" + IN_BRACES + r"\})|\{\{(?!\{[^{])")

Fault = Literal["unclosed_braces", "nested_braces", "empty_braces"]
PromptWarningCode = Literal[Fault, "unknown_variable", "more_warnings"]
WarningCode = Literal[ModelWarningCode, PromptWarningCode]
FAULTS: Mapping[Fault, str] = {
    "unclosed_braces": "These braces are not closed on their line, and stay as they are written; "
    "write a variable as {{contact.first_name}}.",
    "nested_braces": "These braces hold other braces, and stay as they are written; "
    "write each variable on its own, as {{contact.first_name}}.",
    "empty_braces": "These braces are empty, and stay as they are written; name a variable, as {{contact.first_name}}.",
}
OWNED = {field: name for name, field in reversed(KNOWN.items())}  # of a field that several have, the first


class PromptWarning(TypedDict):
    """`field` is a JSON pointer into the assistant. Line and column count from 1, the column in characters."""

    field: str
    code: PromptWarningCode
    message: str
    line: int
    column: int


def warned(assistant: Assistant, today: date) -> dict[str, Sequence[ModelWarning | PromptWarning]]:
    """What a response has beside the assistant: `warnings`, where there are any."""
    found = warnings(assistant, today)
    return {"warnings": found} if found else {}


def attention_filter(wanted: bool | None, today: date) -> Callable[[Assistant], bool] | None:
    """Keeps the assistants that need a person, or those that don't. It depends on the day, which no condition of
    DynamoDB knows."""
    return None if wanted is None else lambda assistant: bool(warnings(assistant, today)) is wanted


def warnings(assistant: Assistant, today: date) -> Sequence[ModelWarning | PromptWarning]:
    """What a person has to look at, of the models first, then of the prompts."""
    return [*model_warnings(assistant, today), *prompt_warnings(prompts(assistant))]


def prompt_warnings(texts: Mapping[str, str]) -> list[PromptWarning]:
    """What is wrong in the texts, in their order. If it is too much, the last warning counts what is left out."""
    found, total = list[PromptWarning](), 0
    for field, text in texts.items():
        wrong = {braces: n for braces, n in Counter(OPENED.findall(text)).items() if not _is_right(braces)}
        faults = (braces for braces in OPENED.finditer(text) if braces[0] in wrong)
        number = sum(wrong.values())
        found += [_warning(field, braces) for braces in islice(faults, min(number, MAX_WARNINGS - len(found)))]
        total += number
    if total > MAX_WARNINGS:
        more = f"There are {total - MAX_WARNINGS + 1:,} more warnings from here on."
        found[-1] |= {"code": "more_warnings", "message": more}
    return found


def _is_right(braces: str) -> bool:
    return braces.endswith("}}") and is_known(parse(braces).name)


def _warning(field: str, braces: re.Match[str]) -> PromptWarning:
    text, start = braces.string, braces.start()
    code, message = _fault(braces)
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return {"field": f"/{field}", "code": code, "message": message, "line": line, "column": column}


def _fault(braces: re.Match[str]) -> tuple[PromptWarningCode, str]:
    if braces[0].endswith("}}"):
        name = parse(braces[0]).name
        return ("unknown_variable", _unknown(name)) if name else ("empty_braces", FAULTS["empty_braces"])
    line = braces.string[braces.end() : braces.end() + MAX_HELD].partition("\n")[0]
    fault: Fault = "nested_braces" if len(braces[0]) == 1 or "}}" in VARIABLE.sub("", line) else "unclosed_braces"
    return fault, FAULTS[fault]


def _unknown(name: str) -> str:
    hint = (
        did_you_mean(_nearest(name))
        or "; write one such as contact.first_name, or contact.custom.budget for a field of your own"
    )
    return f"{shortened(name)} is no known variable, and stays as it is written{hint}."


def _nearest(name: str) -> str | None:
    """The known variable that is probably meant."""
    plain = shortened(name).lower().replace(" ", "_")
    owner, _, field = plain.partition(".")
    if owner in FIELDS:
        meant = [f"{owner}.{nearest(field, FIELDS[owner])}", f"{field}.name", f"{owner}.custom.{field}"]
    else:
        meant = [nearest(plain, KNOWN) or "", OWNED.get(plain.rpartition(".")[2], "")]
    return next((known for known in (plain, *meant) if is_known(known)), None)
