"""`python -m local.proofs.translation FILE`: writes what CloudFormation makes of template.yaml, as JSON.

Beside it, in gradual.json, is a release to which requests move gradually. It exits with 1 if a release is not what
docs/operations.md says, if something is missing that the emulator of AWS has to leave out, or if `sam deploy --guided`
would ask whether a route may have no authentication: the default is no.

`sam validate` and cfn-lint do not look inside AWS::Serverless resources; in the translation these are plain resources.
Needs aws-sam-cli.
"""

import json
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

from samcli.commands.deploy.auth_utils import auth_per_resource  # type: ignore[import-not-found]
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider  # type: ignore[import-not-found]
from samtranslator.translator.transform import transform  # type: ignore[import-not-found]

from local.proofs.emulated import unknown
from local.proofs.releases import faults
from local.stack.template import TEMPLATE, document

PACKAGE = "s3://bucket/key"  # in place of what `sam package` would upload


class NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def main(output: Path) -> None:
    translated, gradual = translation(), translation(TrafficShift="Canary10Percent5Minutes")
    output.parent.mkdir(exist_ok=True)
    for path, content in ((output, translated), (output.with_name("gradual.json"), gradual)):
        path.write_text(json.dumps(content, indent=1))
    if found := faults(translated, gradual):
        raise SystemExit("\n".join(found))
    print(f"a release has {len(translated['Resources'])} resources, a gradual one {len(gradual['Resources'])}")
    wanted = unknown(document())
    if unknown(translated) != wanted or not wanted:
        raise SystemExit(f"Of {', '.join(wanted)} CloudFormation would make something else than template.yaml says.")
    if asked := asked_about():
        raise SystemExit(f"sam deploy --guided would ask about the authentication of {', '.join(sorted(asked))}.")


def asked_about() -> set[str]:
    stacks, _ = SamLocalStackProvider.get_stacks(str(TEMPLATE))
    return {function for function, is_authenticated in auth_per_resource(stacks) if not is_authenticated}


def translation(**parameters: str) -> dict[str, Any]:
    template = deepcopy(document())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        properties |= {name: PACKAGE for name in ("CodeUri", "ContentUri") if name in properties}
    translated: dict[str, Any] = transform(template, parameters, NoManagedPolicies())
    del translated["Parameters"]["TrafficShift"], translated["Mappings"]  # SAM has put their values in place
    for group in translated["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]:
        group["Parameters"] = [name for name in group["Parameters"] if name in translated["Parameters"]]
    return translated


if __name__ == "__main__":
    main(Path(sys.argv[1]))
