"""What docs/deploying.md tells to write into template.yaml."""

import re
from typing import Any

import yaml

from local.stack.template import ROOT

DEPLOYING = ROOT / "docs/deploying.md"
CORS = re.compile(r"^ {4}CorsConfiguration:\n((?: {6}.*\n)+)", re.MULTILINE)


def documented_cors() -> dict[str, Any]:
    """The properties of the API's CorsConfiguration."""
    (block,) = CORS.findall(DEPLOYING.read_text("utf-8"))
    properties: dict[str, Any] = yaml.safe_load(block)
    return properties
