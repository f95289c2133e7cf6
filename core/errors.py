"""Every error a person can meet, in one tree.

    PostroomError
    ├── Wrong        the question was wrong: a name that does not exist, a key that is not known (exit code 2)
    │   └── NotFound
    ├── Refused      the question was right, the answer is no: someone else has it, the state forbids it (exit code 1)
    ├── Transient    it may go right later by itself: try again with patience
    │   ├── ServerGone
    │   └── ServerBusy
    └── Permanent    it stays wrong until a person changes something
        ├── LoginRefused
        ├── TlsFailed
        └── FolderMissing

A message is one sentence: what, where, and what to do. Without one, the class's docstring is the message.
"""


class PostroomError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip().splitlines()[0])


class Wrong(PostroomError):
    """The question was wrong."""


class NotFound(Wrong):
    """There is no such thing."""


class Refused(PostroomError):
    """That cannot be done now."""


class Transient(PostroomError):
    """It did not work this time."""


class ServerGone(Transient):
    """The server went away or cannot be reached."""


class ServerBusy(Transient):
    """The server says: not now."""


class Permanent(PostroomError):
    """It will not work until something is changed."""


class LoginRefused(Permanent):
    """The server refused the login."""


class TlsFailed(Permanent):
    """The encrypted connection could not be made."""


class FolderMissing(Permanent):
    """The folder does not exist on the server."""
