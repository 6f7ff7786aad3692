"""`python -m local.proofs.translation FILE`: writes what CloudFormation makes of template.yaml, as JSON.

`sam validate` and cfn-lint do not look inside AWS::Serverless resources; in the translation these are plain resources.
Needs aws-sam-cli.
"""

import json
import sys
from pathlib import Path

import yaml
from samtranslator.translator.transform import transform  # type: ignore[import-not-found]

from local.stack.template import TEMPLATE, Loader

PACKAGE = "s3://bucket/key"  # in place of what `sam package` would upload


class NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def main(output: Path) -> None:
    template = yaml.load(TEMPLATE.read_text(), Loader)  # noqa: S506  it is a SafeLoader
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        properties |= {name: PACKAGE for name in ("CodeUri", "ContentUri") if name in properties}
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(transform(template, {}, NoManagedPolicies()), indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
