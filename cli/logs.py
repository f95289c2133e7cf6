"""Logs of an engine without a screen: readable on a terminal, one JSON object a line elsewhere."""

from __future__ import annotations

import logging
import os
import sys
from typing import TextIO

import structlog

LEVEL_VARIABLE = "POSTROOM_LOG"


def log_beside_the_screen() -> None:
    """The screen owns the terminal: log to `postroom.log` in the user's state folder, one JSON object a line."""
    from platformdirs import user_state_path

    path = user_state_path("postroom", appauthor=False, ensure_exists=True) / "postroom.log"
    set_up_logs(open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8", buffering=1))


def set_up_logs(stream: TextIO | None = None) -> None:
    """Log to stderr at the level of POSTROOM_LOG (default `info`). Libraries speak only from `warning` up."""
    stream = stream or sys.stderr
    level = logging.getLevelNamesMapping().get(os.environ.get(LEVEL_VARIABLE, "info").upper(), logging.INFO)
    terminal = stream.isatty()
    last = structlog.dev.ConsoleRenderer(colors=True) if terminal else structlog.processors.JSONRenderer()
    before: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
        *([] if terminal else [structlog.processors.format_exc_info]),
    ]
    structlog.configure(
        processors=[*before, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    # What libraries say through Python's own logging, and its warnings, is written as our lines are.
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        processors=[meta, last], foreign_pre_chain=[structlog.stdlib.add_logger_name, *before]
    ))  # fmt: skip
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.captureWarnings(True)
    # aioimaplib and aiosmtplib can write whole commands into their logs, logins and mails among them.
    for noisy in ("aioimaplib", "aiosmtplib", "asyncpg", "tortoise", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
