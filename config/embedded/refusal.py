class CannotStartError(Exception):
    """The embedded default cannot start; the message is one line that says what to do."""
