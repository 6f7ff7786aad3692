"""Builds the layer: the shared package and what it depends on, for a cold start as short as possible.

    python3.13 -m build FOLDER

A plain `sam build` ships no byte code, and Lambda's file system is read-only, so every cold start would compile
everything again. It would also ship the data of 400 services of AWS.
So the layer has pinned packages for both processors, byte code that stays valid whatever zipping does to times, and of
botocore's data only what clients for DynamoDB and KMS open. Two builds of the same sources are equal to the byte.
docs/decisions.md says what each trick gains.
"""

from pathlib import Path

SHARED = Path(__file__).parent.parent
SOURCES = SHARED / "assistants_api"
