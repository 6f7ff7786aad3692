"""A stand-in for KMS: moto, in this process, with one key that is the same in every local stack.

So what one encrypted, such as into a table that DynamoDB Local keeps, the next one decrypts. It protects nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache
from hashlib import sha256
from typing import Any
from unittest.mock import patch

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import create_backend_app

from local.stack.server import Server
from local.stack.template import LOCAL_VALUES

KEY_ID = LOCAL_VALUES["CREDENTIALS_KEY"]


@contextmanager
def kms(region: str) -> Iterator[str]:
    """The endpoint of a KMS with the key."""
    make_key(region)
    with Server(create_backend_app("kms")) as server:
        yield f"http://127.0.0.1:{server.port}"


def make_key(region: str) -> None:
    """moto gives each key another id and other material; here they follow from what all local stacks have."""
    _backend(region).keys[KEY_ID] = copy(_key(region))


@cache
def _key(region: str) -> Any:
    """Made once: moto makes a private key even for a symmetric one, which takes longer than most tests."""
    backend = _backend(region)
    key = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "of every local stack", None)
    del backend.keys[key.id]
    key.id, key.key_material = KEY_ID, sha256(LOCAL_VALUES["TOKEN_SECRET"].encode()).digest()
    return key


def _backend(region: str) -> Any:
    with patch.dict(os.environ, {"MOTO_ALLOW_NONEXISTENT_REGION": "true"}):  # such as local
        return get_backend("kms")[DEFAULT_ACCOUNT_ID][region]
