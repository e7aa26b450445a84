"""The one error that users see: what is wrong and what to do next, with the exit code it means."""

FAILED = 1
USAGE = 2
UNEXPECTED = 3
MISSING = 4
INTERRUPTED = 130


class ToolchainError(Exception):
    """Expected; its text is complete and is shown without a traceback."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code
