# mypy: ignore-errors
"""boto3 and pydantic, no framework."""

import json

import store
from models import Assistant, AssistantChanges, AssistantResponse
from pydantic import ValidationError
from store import Refused


def answer(status, body):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": body}


def refuse(status, message):
    return answer(status, json.dumps({"success": False, "error": message}))


def handler(event, context):
    try:
        assistant_id = event["pathParameters"]["assistantId"]
        authorization = event["headers"].get("authorization")
        if event["requestContext"]["http"]["method"] == "GET":
            key = store.authenticate(authorization, "assistants:read")
            assistant = store.get_assistant(key["account_id"], assistant_id)
        else:
            key = store.authenticate(authorization, "assistants:write")
            changes = AssistantChanges.model_validate_json(event["body"])
            if changes.account_slug != key["account_slug"]:
                raise Refused(403, "accountSlug is not the account of this API key.")
            assistant = store.update_assistant(key["account_id"], assistant_id, changes.fields())
        return answer(200, AssistantResponse(assistant=Assistant.model_validate(assistant)).model_dump_json())
    except Refused as error:
        return refuse(error.status, error.message)
    except ValidationError as error:
        return refuse(400, str(error))
