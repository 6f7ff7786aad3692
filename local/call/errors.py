class CallError(Exception):
    """The call can't be placed, or nobody spoke; the message says why and what to do."""
