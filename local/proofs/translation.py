"""`python -m local.proofs.translation FILE`: writes what CloudFormation makes of template.yaml, as JSON.

It exits with 1 if the block for CORS in docs/deploying.md would not add just what it says.

`sam validate` and cfn-lint do not look inside AWS::Serverless resources; in the translation these are plain resources.
Needs aws-sam-cli.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from samtranslator.translator.transform import transform  # type: ignore[import-not-found]

from local.proofs.documentation import documented_cors
from local.stack.template import TEMPLATE, Loader

PACKAGE = "s3://bucket/key"  # in place of what `sam package` would upload


class NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def main(output: Path) -> None:
    translated, cors = translation({}), documented_cors()
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(translated, indent=1))
    with_cors = translation({"CorsConfiguration": cors})
    added = with_cors["Resources"]["Api"]["Properties"]["Body"].pop("x-amazon-apigateway-cors")
    if with_cors != translated or added != {name[0].lower() + name[1:]: value for name, value in cors.items()}:
        raise SystemExit(f"The block for CORS in docs/deploying.md adds {added}.")


def translation(api: dict[str, Any]) -> dict[str, Any]:
    """With these properties of the API besides."""
    template = yaml.load(TEMPLATE.read_text(), Loader)  # noqa: S506  it is a SafeLoader
    template["Resources"]["Api"]["Properties"] |= api
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        properties |= {name: PACKAGE for name in ("CodeUri", "ContentUri") if name in properties}
    translated: dict[str, Any] = transform(template, {}, NoManagedPolicies())
    return translated


if __name__ == "__main__":
    main(Path(sys.argv[1]))
