"""Errors of the command line and the channels.

BotError
└── UsageError   what was typed cannot be understood
"""


class BotError(Exception):
    """``str(error)`` is the Chinese sentence; ``code`` is stable; ``next_step`` says what to do."""

    code = "BOT_ERROR"

    def __init__(self, message: str, *, next_step: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        if code is not None:
            self.code = code


class UsageError(BotError):
    code = "USAGE"
