"""Checks a release before any request reaches it.

No HTTP route leads here: CloudFormation asks, with each configuration that is new, and goes back if this refuses.
"""

from assistants_api import release
from assistants_api.custom_resource import custom_resource


@custom_resource
def handler() -> None:
    release.check()
