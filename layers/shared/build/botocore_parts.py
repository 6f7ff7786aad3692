"""Of botocore only what clients for DynamoDB and KMS use."""

import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any

from build import isolated

SERVICES = ("dynamodb", "kms")
CALL = re.compile(r"\.client\.(\w+)")  # in `self.client.put_item(`
ROOT = re.compile(r"^# Issuer: (.*?)$.*?(^-----BEGIN CERTIFICATE-----$.*?^-----END CERTIFICATE-----$\n)", re.M | re.S)


def keep_opened_data(folder: Path) -> None:
    opened = {Path(line) for line in isolated.run("print_opened_data.py", folder).splitlines()}
    for path in sorted((folder / "botocore/data").rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in opened:
            path.unlink()


def keep_called_operations(folder: Path) -> None:
    """Of each service's model the operations that our own code calls and their shapes, without prose: botocore goes
    through all shapes when it meets its first error."""
    sources = (folder / "assistants_api").rglob("*.py")
    called = {name.replace("_", "") for source in sources for name in CALL.findall(source.read_text())}
    for packed in sorted((folder / "botocore/data").rglob("service-2.json.gz")):
        model = json.loads(gzip.decompress(packed.read_bytes()))
        operations = {name: it for name, it in model["operations"].items() if name.lower() in called}
        kept = shapes_of(operations, model["shapes"])
        model |= {"operations": operations, "shapes": {name: model["shapes"][name] for name in sorted(kept)}}
        packed.with_suffix("").write_text(json.dumps(without_documentation(model), separators=(",", ":")))
        packed.unlink()


def shapes_of(content: Any, shapes: dict[str, Any]) -> set[str]:
    """The names of all shapes that the content refers to, directly or through another."""
    found: set[str] = set()
    unread = [content]
    while unread:
        match unread.pop():
            case {"shape": str(name)} as reference:
                if name not in found:
                    found.add(name)
                    unread.append(shapes[name])
                unread += [value for value in reference.values() if value != name]
            case dict() as members:
                unread += members.values()
            case list() as entries:
                unread += entries
    return found


def without_documentation(content: Any) -> Any:
    """Without the texts called `documentation`; a member of that name stays."""
    match content:
        case dict():
            items = ((name, value) for name, value in content.items() if name != "documentation" or type(value) is dict)
            return {name: without_documentation(value) for name, value in items}
        case list():
            return [without_documentation(value) for value in content]
    return content


def leave_out_docstrings(folder: Path) -> None:
    """botocore writes those of a client's methods from the model's prose."""
    (folder / "botocore/docs/__init__.py").write_text("")
    shutil.copyfile(Path(__file__).with_name("no_docstrings.py"), folder / "botocore/docs/docstring.py")


def keep_used_endpoints(folder: Path) -> None:
    """In place: with a second folder of data botocore would take the endpoints for overridden, and choose others."""
    file = folder / "botocore/data/endpoints.json"
    content = json.loads(file.read_text())
    for partition in content["partitions"]:
        partition["services"] = {name: it for name, it in partition["services"].items() if name in SERVICES}
    file.write_text(json.dumps(content, separators=(",", ":")))


def keep_amazon_roots(folder: Path) -> None:
    """The authorities that sign AWS's certificates, of about 130."""
    bundle = folder / "botocore/cacert.pem"
    roots = ROOT.findall(bundle.read_text())
    amazons = [pem for issuer, pem in roots if "O=Amazon" in issuer or "O=Starfield" in issuer]
    if len(amazons) < 5:
        raise SystemExit(f"Only {len(amazons)} of Amazon's roots are in botocore's bundle; has its form changed?")
    bundle.write_text("".join(amazons))
