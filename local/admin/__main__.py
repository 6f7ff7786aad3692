"""`python -m local.admin COMMAND ...`: what an operator does with accounts, in a stack in AWS or a local one.

It exits with 1 where AdminFunction refuses, and with 2 where it can't be asked or the command line is wrong.
"""

import sys

from botocore.exceptions import BotoCoreError, ClientError

from local.admin.commands import COMMANDS, parser
from local.admin.operator import Operator, Refused
from local.stack.admin import AdminError, Invoke, invoke


def main(arguments: list[str], invoke: Invoke = invoke) -> int:
    given = vars(parser().parse_args(arguments))
    command, stack, endpoint = (given.pop(name) for name in ("command", "stack", "endpoint"))
    operator = Operator(lambda payload: invoke(payload, stack, endpoint))
    try:
        for line in COMMANDS[command].run(operator, command.replace("-", "_"), given):
            print(line, flush=True)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except (AdminError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
