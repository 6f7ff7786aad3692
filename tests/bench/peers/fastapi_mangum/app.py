# mypy: ignore-errors
"""FastAPI behind Mangum, and the two routes."""

from typing import Annotated

import store
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from mangum import Mangum
from models import AssistantChanges, AssistantResponse
from store import Refused

app = FastAPI()


def caller(scope):
    def authenticate(authorization: Annotated[str | None, Header()] = None):
        return store.authenticate(authorization, scope)

    return Depends(authenticate)


@app.get("/api/assistants/{assistant_id}", response_model=AssistantResponse)
def get_assistant(assistant_id: str, key: Annotated[dict, caller("assistants:read")]):
    return {"assistant": store.get_assistant(key["account_id"], assistant_id)}


@app.patch("/api/assistants/{assistant_id}", response_model=AssistantResponse)
def update_assistant(assistant_id: str, changes: AssistantChanges, key: Annotated[dict, caller("assistants:write")]):
    if changes.account_slug != key["account_slug"]:
        raise HTTPException(403, "accountSlug is not the account of this API key.")
    return {"assistant": store.update_assistant(key["account_id"], assistant_id, changes.fields())}


@app.exception_handler(Refused)
def refused(request: Request, error: Refused):
    return JSONResponse({"success": False, "error": error.message}, error.status)


handler = Mangum(app, lifespan="off")
