"""`python -m local.proofs.sam`, after a build into .aws-sam/local: runs every sample event and the black-box tests.

Exits with 1 if something fails, and with 2 if nothing can run.
"""

import json
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.proofs import black_box
from local.proofs.containers import Containers, SamError, containers, ensure_image, invoker
from local.stack.template import ROOT, Template

ADMIN = "AdminFunction"
ACCOUNT = {"action": "create_account", "slug": "my-team", "name": "My Team"}
OWN = {"slug": "samples"}
KEY = {"action": "create_api_key", "slug": "my-team", "name": "black box", "environment": "test", "scopes": ["*"]}
# What others than `ok` the samples are answered. No KMS is within reach of the containers; no carrier signs here.
OUTCOMES = {
    "admin_erase_account": "account_not_suspended",
    "admin_free_phone_number": "phone_number_held_elsewhere",
    "create_telephony_connection": "unavailable",
    "check_release": "release_refused",
    "answer_call": "not_signed",
    "record_call_status": "not_signed",
    "get_call": "unauthenticated",
}
AT_ONCE = 2  # containers that start at the same time
WORKERS = 4

# Tests in tests/http that `sam local start-api` cannot pass, and why.
BYTES = "it answers 502 to a body that is not text; API Gateway passes it on as base64"
PATHS = "it ignores a slash at the end of a path"
DIFFERENCES = {
    **{
        f"test_bodies.py::test_a_hostile_body_is_refused_briefly_and_changes_nothing[{body}]": BYTES
        for body in (
            "invalid UTF-8",
            "half a character",
            "overlong UTF-8",
            "a surrogate as UTF-8",
            "UTF-16",
            "UTF-32",
            "Latin-1",
            "binary",
        )
    },
    "test_bodies.py::test_a_compressed_body_is_refused": BYTES,
    "test_headers.py::test_an_unauthenticated_caller_learns_nothing_from_a_bad_body": BYTES,
    "test_paths.py::test_an_unknown_path_is_not_found[/api/assistants/]": PATHS,
    "test_paths.py::test_an_unknown_path_is_not_found[/api/phone-numbers/]": PATHS,
    "test_paths.py::test_an_unknown_path_is_not_found[/health/]": PATHS,
    "test_paths.py::test_who_looks_for_the_documentation_finds_it[/docs/]": PATHS,
    "test_paths.py::test_a_trailing_slash_makes_another_path": PATHS,
    "test_paths.py::test_a_method_that_a_path_does_not_have_is_refused_and_those_it_has_are_named[OPTIONS-": (
        "it takes CORS to be on, since it does not look at the template's condition, and answers OPTIONS itself"
    ),
    "test_bodies.py::test_a_body_at_and_beyond_what_api_gateway_takes": "it accepts what is too large for Lambda",
    "test_headers.py::test_every_request_has_an_id_of_its_own": "it gives all requests one id",
    "test_connections.py::test_a_connection_outlives_its_refusals": "it closes the connection after each response",
}


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything started here stops too
    try:
        ensure_image()
        with containers() as running:
            token = new_token(running)
            with running.functions() as invoke_url:
                is_answered = invoke_all(invoke_url, token)
            with running.api() as url, running.functions() as invoke_url:
                operator = {"INVOKE_URL": invoke_url, "ADMIN_FUNCTION": ADMIN}
                is_passed = black_box.run(url, token, DIFFERENCES, WORKERS, **operator)
    except SamError as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if is_answered and is_passed else 1


def new_token(running: Containers) -> str:
    """An API key that has no limit, and so may create such a key, made as the README says: by `sam local invoke`."""
    running.invoke(ADMIN, ACCOUNT)
    return str(running.invoke(ADMIN, KEY | {"rate_limit_per_hour": None})["full_key"])


def invoke_all(url: str, token: str) -> bool:
    """Whether the functions answer their sample events correctly, for the holder of the API key."""
    events = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "events").glob("*.json"))}
    functions = {function.app.parent.name: name for name, function in Template().functions.items()}
    # The operator's samples are about an account of their own, since it has another name in the end.
    samples = {name: event for name, event in events.items() if name.startswith("admin_")}
    own = {name: {**event, **OWN} if "slug" in event else event for name, event in samples.items()}
    invoke = invoker(url)
    answers = {name: invoke(ADMIN, event) for name, event in own.items()}

    def answer(name: str) -> tuple[str, Any]:
        event = events[name]
        if "headers" in event:  # a request; the stream's events have none
            event = event | {"headers": event["headers"] | {"authorization": f"Bearer {token}"}}
        return name, invoke(functions[name], event)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers |= dict(threads.map(answer, events.keys() - answers.keys()))
    for name, answered in answers.items():
        print(f"events/{name}.json: {outcome(answered)}", flush=True)
    # The samples name an assistant and an API key that do not exist, and a number that one of the samples imports.
    return all(
        outcome(answered) == OUTCOMES.get(name, "ok") or outcome(answered).endswith("_not_found")
        for name, answered in answers.items()
    )


def outcome(answer: Any) -> str:
    """`ok`, or the error code, or else the whole answer. That of a pipe's function are events."""
    if isinstance(answer, list):
        return "ok" if answer else "no event"
    if answer.get("ok") or answer.get("statusCode") == 200 or answer.get("batchItemFailures") == []:
        return "ok"
    error = json.loads(answer["body"]) if "body" in answer else answer
    return str(error.get("code", error))


if __name__ == "__main__":
    sys.exit(main())
