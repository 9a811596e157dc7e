"""Mail: one message to one SMTP server. The network and the password file are touched here only."""

from __future__ import annotations

import contextlib
import logging
import smtplib
import ssl
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import TypeAlias

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime import clock
from hinomi.runtime.config import Mail

log = logging.getLogger("hinomi.mail")

TIMEOUT_S = 20.0

Send: TypeAlias = Callable[[Sequence[str], str, str], None]
"""Sends (to whom, subject, text), or raises UnavailableError."""


def sender(settings: Mail, *, now: clock.Clock = clock.now) -> Send:
    """Return what sends by these settings."""

    def send(to: Sequence[str], subject: str, text: str) -> None:
        message = EmailMessage()
        message["Subject"] = " ".join(subject.split())
        message["From"] = settings.sender
        # Nobody learns from a mail who else is told.
        message["To"] = settings.sender
        message["Date"] = format_datetime(now())
        message["Message-ID"] = make_msgid("hinomi", settings.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            server = _connected(settings)
            try:
                refused = server.send_message(message, settings.sender, list(to))
            finally:
                # Taken is taken: a server that hangs up badly must not be sent it again.
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    server.quit()
            if refused:
                log.warning("part=mail %s refused %s", settings.server, sorted(refused))
        except (OSError, smtplib.SMTPException) as error:
            raise UnavailableError(
                f"{settings.server}:{settings.port} did not take the mail: {error}",
                f"{settings.server}:{settings.port}にメールを送れません: {error}",
            ) from error

    return send


def _connected(settings: Mail) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.server, settings.port, timeout=TIMEOUT_S, context=context
        )
    else:
        server = smtplib.SMTP(settings.server, settings.port, timeout=TIMEOUT_S)
    try:
        if settings.security == "starttls":
            server.starttls(context=context)
        if settings.user:
            password = Path(settings.password_file).read_text(encoding="utf-8").strip()
            server.login(settings.user, password)
    except BaseException:
        server.close()
        raise
    return server
