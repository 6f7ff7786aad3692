# mypy: ignore-errors
"""The floor: no SDK, no database, no dependencies."""

import json


def handler(event, context):
    sent = json.loads(event["body"]) if event.get("body") else {}
    sent.pop("accountSlug", None)
    assistant = {"id": event["pathParameters"]["assistantId"], **sent}
    headers = {"content-type": "application/json"}
    return {"statusCode": 200, "headers": headers, "body": json.dumps({"success": True, "assistant": assistant})}
