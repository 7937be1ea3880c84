"""
Structured logs: one JSON object a line in production, with request and job ids; readable lines in development.

A link that confirms an address, sets a new password or stops e-mails works for whoever has it, and what somebody searches
for may be a person; all stand in addresses. They are masked in the finished line, so that it does not matter who logs them.
"""

from __future__ import annotations

import re
from typing import Any

import structlog

_SECRETS = re.compile(
    r"""((?:/|%2F)accounts(?:/|%2F)(?:confirm-email|password(?:/|%2F)reset(?:/|%2F)key)(?:/|%2F)"""
    r"""|(?:/|%2F)notices(?:/|%2F)unsubscribe(?:/|%2F)|[?&]q=)"""
    r"""[^\s"'<>&?\\]+""",
    re.IGNORECASE,
)


def mask_secrets(_logger: Any, _method: str, line: str) -> str:
    """Return the line with the keys of one-time links and the words of searches masked."""
    return _SECRETS.sub(r"\1[masked]", line)


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(),
]


def configure_logs(*, as_json: bool, level: str) -> dict[str, Any]:
    """Set up structlog and return the LOGGING dictionary for Django and for Celery's workers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    renderer: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()] if as_json else [plain]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer, mask_secrets],
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            "axes": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }
