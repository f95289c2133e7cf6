"""Logs of an engine without a screen: readable on a terminal, one JSON object a line elsewhere."""

from __future__ import annotations

import logging
import os
import sys

import structlog

LEVEL_VARIABLE = "POSTROOM_LOG"


def set_up_logs() -> None:
    """Log to stderr at the level of POSTROOM_LOG (default `info`). Libraries speak only from `warning` up."""
    level = logging.getLevelNamesMapping().get(os.environ.get(LEVEL_VARIABLE, "info").upper(), logging.INFO)
    terminal = sys.stderr.isatty()
    last = structlog.dev.ConsoleRenderer(colors=True) if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if terminal else "iso", utc=not terminal),
            *([] if terminal else [structlog.processors.format_exc_info]),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # aioimaplib and aiosmtplib can write whole commands into their logs, logins and mails among them.
    for noisy in ("aioimaplib", "aiosmtplib", "tortoise", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
