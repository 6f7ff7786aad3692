"""`python -m local.proofs.deployment`, after a build into .aws-sam/local.

Deploys the stack into an emulator of AWS, tests it as a black box, and does with it what docs/ tell an operator to do.
"""

import signal
import sys
import tempfile
from pathlib import Path

from local.proofs import black_box
from local.proofs.emulator import DOMAIN, Aws, DeploymentError, emulator
from local.proofs.operations import (
    ACCOUNT,
    ADMIN,
    KEY,
    delete_data,
    map_domain,
    purge_versions,
    release,
    rotate_secret,
    smoke,
    take_down,
)
from local.proofs.rehearsals import (
    fail_over,
    recreate,
    refuse_a_table_without_its_secrets,
    restore_and_swap,
)
from local.proofs.releases import CODE_DEPLOY

WORKERS = 2  # each concurrent call is a process that unpacks the layer

COLD = "16 calls at once are 16 cold starts on one machine, which can take longer than the function's timeout"

# Tests in tests/http that ministack cannot pass, and why.
DIFFERENCES = {
    "test_paths.py::test_a_method_that_a_path_does_not_have_is_refused_and_those_it_has_are_named[OPTIONS-": (
        "it answers OPTIONS itself"
    ),
    "test_paths.py::test_a_monitor_needs_no_token": "it answers /health itself",
    "test_connections.py::test_a_connection_outlives_its_refusals": "one of its requests is OPTIONS",
    "test_connections.py::test_many_connections_at_once_are_served": COLD,
    "test_concurrency.py::test_16_": COLD,
    "test_concurrency.py::test_of_16_": COLD,
}


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything started here stops too
    try:
        with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as port:
            for kind in CODE_DEPLOY:
                print(f"left out: {kind}, which it does not know; local/proofs/releases.py proves it in `make check`")
            aws = Aws(url := f"http://localhost:{port}")
            aws.deploy_guided(Path(folder))
            aws.make_routes()
            smoke(aws, f"http://{DOMAIN}:{port}")
            aws.invoke(ADMIN, ACCOUNT)
            token = aws.invoke(ADMIN, KEY | {"rate_limit_per_hour": None})["full_key"]
            operator = {"INVOKE_URL": url, "ADMIN_FUNCTION": aws.names[ADMIN]}
            is_passed = black_box.run(f"http://{DOMAIN}:{port}", token, DIFFERENCES, WORKERS, **operator)
            operate(aws, port, token)
            return 0 if is_passed else 1
    except DeploymentError as error:
        print(error, file=sys.stderr)
        return 2


def operate(aws: Aws, port: int, token: str) -> None:
    """Raises DeploymentError."""
    host = f"{DOMAIN}:{port}"
    purge_versions(aws, host, token)
    rotate_secret(aws, host, token)
    release(aws, host, token)
    map_domain(aws, port, token)
    refuse_a_table_without_its_secrets(aws)
    restored = restore_and_swap(aws, host, token)
    fail_over(aws, restored, token)
    kept = take_down(aws, restored)
    recreate(aws, kept, host, token)
    take_down(aws, restored)
    delete_data(aws, kept["TokenSecretArn"])


if __name__ == "__main__":
    sys.exit(main())
