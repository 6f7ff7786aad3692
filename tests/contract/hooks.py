"""What schemathesis can't know from the document alone."""

import json
import os
import re
from hashlib import sha256
from itertools import count
from typing import Any

import schemathesis

from assistants_api import catalogue
from assistants_api.models.idempotency import FORM

LABEL = re.compile(r"[\w/]+: must (not hold control characters|have at least 1 character|hold a visible character)")
VARIANT = re.compile(
    "(is required with|does not go with) |must (be (a URL|the public key|the Account SID|the names of|one line|at a "
    "public host|1 to 100|a phone number)|have at least 1 character|hold a visible|not hold control)"
)
PROVIDERS: dict[str, catalogue.Kind] = {
    "provider": "llm",
    "voice_provider": "voice",
    "transcriptor_provider": "transcription",
}
EXISTING = json.loads(os.environ["EXISTING"])  # by the example of the document that stands for it
DELETABLE = json.loads(os.environ["DELETABLE"])
DELETED_ID = os.environ["DELETED_ID"]
# What a carrier has: an id from the answer to a dry run, or of what was deleted meanwhile, reaches none.
OF_CARRIERS = {
    "/api/telephony-connections/{connectionId}/numbers": {"connectionId": os.environ["CONNECTION"]},
    "/api/phone-numbers/{phoneNumberId}/sync": {"phoneNumberId": os.environ["CONNECTED_NUMBER"]},
}
requests = count()
OWN_KEY = f"key_{sha256(os.environ['API_TOKEN'].encode()).hexdigest()}"


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """A well-formed slug becomes that of the account: nearly every other one is a 403, and nothing behind it tested.
    So does any text for a provider of an assistant become one that there is."""
    if not isinstance(body, dict):
        return body
    if isinstance(slug := body.get("accountSlug"), str) and 1 <= len(slug) <= 63:
        body = body | {"accountSlug": "my-team"}
    for name in body.keys() & {"connectionId", "connection_id"}:
        body = body | {name: EXISTING.get(body[name], body[name]) if isinstance(body[name], str) else body[name]}
    if context.operation and context.operation.path.startswith("/api/assistants"):
        body = _with_known_providers(body)
        match body:
            case {"export": {"configuration": dict(configuration)}}:
                export = body["export"] | {"configuration": _with_known_providers(configuration)}
                body = body | {"export": export}
    return body


def _with_known_providers(configuration: dict[str, Any]) -> dict[str, Any]:
    for field in PROVIDERS.keys() & configuration.keys():
        if isinstance(text := configuration[field], str):
            known = [*catalogue.ids_by_word(PROVIDERS[field])]
            configuration = configuration | {field: known[len(text) % len(known)]}
    return configuration


@schemathesis.hook
def map_query(context: schemathesis.HookContext, query: Any) -> Any:
    """Likewise."""
    if isinstance(query, dict) and isinstance(slug := query.get("accountSlug"), str) and 1 <= len(slug) <= 63:
        return query | {"accountSlug": "my-team"}
    return query


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """Its own key, whose id it finds in answers, it would rotate or revoke, and test no more. Every request gets an
    idempotency key of its own, or it would be told what another did. Nothing follows from a dry run."""
    if FORM.fullmatch(str(case.headers.get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = f"request-{next(requests)}"
    if case.headers.get("If-Match") == '"1"':  # the example, which is the ETag of few
        del case.headers["If-Match"]
    if os.environ["PHASES"] == "stateful" and case.query:
        case.query.pop("dry_run", None)
    ids = DELETABLE if case.method == "DELETE" else EXISTING
    for name, value in case.path_parameters.items():
        case.path_parameters[name] = ids.get(value, value)
    if case.operation.path == "/api/assistants/{assistantId}/restore":
        case.path_parameters["assistantId"] = DELETED_ID
    for name, value in OF_CARRIERS.get(case.operation.path, {}).items():
        if re.fullmatch("(conn|pn)_[0-9a-z]+", str(case.path_parameters[name])):
            case.path_parameters[name] = value
    if case.path_parameters.get("apiKeyId") == OWN_KEY:
        case.path_parameters["apiKeyId"] = f"key_{'0' * 64}"


IN_WORDS = ("variables/", "versions: ", "If-Match: ", "?started_", "started_from ")  # what refusals begin with


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Exception, case: schemathesis.Case, response: schemathesis.Response
) -> bool:
    """All failures count, but what no schema can say and no generator can know."""
    name = type(failure).__name__
    refusal: dict[str, Any] = response.json() if response.status_code >= 400 else {}
    if name == "RejectedPositiveData":
        # A cursor is signed by the service: one that was made up is refused, of whatever form it is.
        # The document tells the lengths of a name or label; one that is blank or holds control characters is refused.
        # Variables are an object, which generated clients take; what may be in it stands in words.
        # A called number may be written in many ways, told in words. The phase `coverage` heeds no pattern of a header.
        # A time may be a day, and the earlier one comes first, in words too.
        # Weights add up to 100. Which fields go with a provider or a kind, and of what form addresses and keys are.
        error, code = refusal["error"], refusal["code"]
        known = LABEL.match(error) or error.startswith(IN_WORDS)
        known = known or code == "invalid_cursor" or _is_of_variant(refusal)
        return not known and (code, case.operation.path) != ("malformed_id", "/api/routes/{phoneNumber}")
    if name == "AcceptedNegativeData":
        # In the body of a POST, null leaves an optional field out.
        return not (case.method == "POST" and isinstance(case.body, dict) and _holds_null(case.body))
    if name == "UnsupportedMethodResponse":
        # An assistant's own methods are those of a path that only looks like one's.
        return bool(case.operation.path != "/api/assistants/import")
    if name == "EnsureResourceAvailability":
        # What the path names is there, as it should be; what is not there is a number or such that the body names.
        return refusal["code"] not in ("phone_number_not_found", "version_not_found", "telephony_connection_not_found")
    return True


def _is_of_variant(refusal: dict[str, Any]) -> bool:
    """Whether the body lacks what its `provider` or `kind` wants, or has what is another's."""
    details = [*refusal.get("details", [])]
    return bool(details) and all(VARIANT.search(detail["message"]) for detail in details)


def _holds_null(content: Any) -> bool:
    """Also in an object within."""
    return any(it is None or (isinstance(it, dict) and _holds_null(it)) for it in content.values())
