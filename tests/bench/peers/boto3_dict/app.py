# mypy: ignore-errors
"""boto3 and checks by hand on dicts."""

import json

import store
from store import Refused

TEXTS = {
    "name": (1, 200),
    "model": (1, 200),
    "first_message": (0, 4_000),
    "system_prompt": (0, 64_000),
    "voice_model": (1, 200),
    "voice_id": (1, 200),
    "voice_name": (1, 200),
    "transcriptor_model": (1, 200),
    "transcriptor_language": (1, 200),
}
CHOICES = {
    "provider": {"openai", "anthropic", "google", "deepseek", "qwen"},
    "voice_provider": {"cartesia", "elevenlabs"},
    "transcriptor_provider": {"deepgram", "assemblyai"},
}
NUMBERS = {"temperature": (float, 0, 2), "max_tokens": (int, 1, 128_000)}
FLAGS = {"recording_enabled", "inbound_enabled", "outbound_enabled"}


def check(changes):
    for name, value in changes.items():
        if name in TEXTS:
            least, most = TEXTS[name]
            valid = isinstance(value, str) and least <= len(value) <= most
        elif name in CHOICES:
            valid = value in CHOICES[name]
        elif name in NUMBERS:
            kind, least, most = NUMBERS[name]
            valid = isinstance(value, (int, kind)) and not isinstance(value, bool) and least <= value <= most
        elif name in FLAGS:
            valid = isinstance(value, bool)
        else:
            valid = False
        if not valid:
            raise Refused(400, f"{name} is not valid.")


def answer(status, content):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(content)}


def handler(event, context):
    try:
        assistant_id = event["pathParameters"]["assistantId"]
        authorization = event["headers"].get("authorization")
        if event["requestContext"]["http"]["method"] == "GET":
            key = store.authenticate(authorization, "assistants:read")
            assistant = store.get_assistant(key["account_id"], assistant_id)
        else:
            key = store.authenticate(authorization, "assistants:write")
            changes = json.loads(event["body"])
            if changes.pop("accountSlug", None) != key["account_slug"]:
                raise Refused(403, "accountSlug is not the account of this API key.")
            check(changes)
            assistant = store.update_assistant(key["account_id"], assistant_id, changes)
        return answer(200, {"success": True, "assistant": assistant})
    except Refused as error:
        return answer(error.status, {"success": False, "error": error.message})
    except json.JSONDecodeError:
        return answer(400, {"success": False, "error": "The body is not valid JSON."})
