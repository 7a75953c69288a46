"""What Goody answers when it does not do what was asked."""


class RefusedError(Exception):
    """The request cannot be done as it stands: answered with 400 and this text."""


class NotFoundError(Exception):
    """There is no such thing in this app: answered with 404 and this text."""


class UnauthorizedError(Exception):
    """No key, or not one that is let in: answered with 401."""


class StepRefusedError(Exception):
    """A recipient, shopper or carrier cannot do this to the order now."""

    def __init__(self, step: str, status: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f'"{step}" is not possible while the order is {status}.')
        self.status = status
        self.allowed = allowed


class ExpiredError(StepRefusedError):
    """The gift was not accepted in time."""

    def __init__(self, step: str, status: str, allowed: tuple[str, ...]) -> None:
        super().__init__(step, status, allowed)
        self.args = ("The gift has expired.",)


class BatchStepRefusedError(StepRefusedError):
    """A batch that is not pending stays as it is."""

    def __init__(self, step: str, status: str, allowed: tuple[str, ...]) -> None:
        super().__init__(step, status, allowed)
        self.args = (f'"{step}" is not possible while the order batch is {status}.',)


class AcceptanceError(Exception):
    """What the recipient chose is not to be had: an address out of reach, a variant or a swap that is not offered."""
