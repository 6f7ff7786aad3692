"""Credentials of others, such as a carrier's: encrypted by KMS before they reach the table.

What is encrypted is bound to its account and connection by the encryption context: it opens nothing elsewhere.
"""

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from botocore.retries.quota import RetryQuota

from assistants_api.errors import Unavailable
from assistants_api.storage.client import call, new_kms_client

SERVICE = "service that encrypts credentials"


class KeyService:
    """KMS, with the key of the deployment."""

    def __init__(self, client: Any, key: str) -> None:
        self.client = client
        self._key = key
        self._retry_budget = RetryQuota()

    def encrypt(self, secrets: Mapping[str, str], context: Mapping[str, str], deadline: float) -> bytes:
        """The secrets, as JSON of at most 4 KB, encrypted. The deadline is one of time.monotonic().

        Raises Unavailable, also for a failure that stays, such as a key that is disabled.
        """
        plaintext = json.dumps(secrets, ensure_ascii=False).encode()
        request = {"KeyId": self._key, "Plaintext": plaintext, "EncryptionContext": context}
        try:
            encrypted: Mapping[str, Any] = call(self.client.encrypt, request, deadline, self._retry_budget)
        except Unavailable as failure:
            raise Unavailable(failure.cause, SERVICE) from failure
        except ClientError as refusal:
            raise Unavailable(f"KMS {refusal.response['Error']['Code']}", SERVICE) from None
        ciphertext: bytes = encrypted["CiphertextBlob"]
        return ciphertext


@cache
def from_env() -> KeyService:
    """With the key that `CREDENTIALS_KEY` names, and a client that all requests of this process share. It is made for
    the first credentials, so that no other request waits for it."""
    return KeyService(new_kms_client(), os.environ["CREDENTIALS_KEY"])
