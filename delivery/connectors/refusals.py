"""What a refusal means, said in one plain sentence: what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from delivery.connectors.contract import ConnectorError

DETAIL = 300  # characters of the server's own words that are kept


@dataclass(frozen=True, slots=True)
class Site:
    """Whom we talk to. ``token_advice`` and ``permission_advice`` say what to do about a 401 and a 403.

    ``secrets`` are cut out of everything the server says back.
    """

    name: str  # Jira or GitHub
    base: str
    token_advice: str
    permission_advice: str
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Site({self.name} at {self.base})"

    def clean(self, text: str) -> str:
        """``text`` on one line, without any secret, at most DETAIL characters."""
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return " ".join(text.split())[:DETAIL]


def refused(site: Site, status: int, said: str, missing: str) -> ConnectorError:
    """The error for a final answer of 300 and up. ``missing`` is the sentence for "not found" (404)."""
    here = f"{site.name} at {site.base}"
    if status == 401:
        return _error(site, f"{here} refused the token: {site.token_advice}", "credentials", said)
    if status == 403:
        return _error(site, f"{here} does not let this token read that: {site.permission_advice}", "permission", said)
    if status == 410:  # J1: a removed endpoint must never read as "no issues"
        message = f"{here} has removed what Headway asks for: Headway is outdated, update it to a newer version."
        return _error(site, message, "outdated", said)
    if status in (404, 451):
        fallback = f"{here} does not know what Headway asks for: check that the address is the one of {site.name}."
        return _error(site, missing or fallback, "missing" if missing else "answer", said)
    return _error(site, f"{here} did not accept the question ({status}): {site.clean(said) or 'no reason'}.", "answer")


def unreachable(site: Site, why: str) -> ConnectorError:
    """Nothing answers, or it does not speak HTTP or TLS as expected."""
    if "CERTIFICATE_VERIFY_FAILED" in why:
        message = f"The certificate of {site.base} is not trusted: check the address."
    else:
        message = f"Nothing answers at {site.base}: check the address and that this machine can reach it."
    return _error(site, message, "unreachable", why)


def failing(site: Site, status: int, said: str) -> ConnectorError:
    """The server kept saying 5xx."""
    message = f"{site.name} at {site.base} keeps failing ({status}): it is in trouble itself, try again later."
    return _error(site, message, "unreachable", said)


def slow(site: Site, why: str) -> ConnectorError:
    message = f"{site.name} at {site.base} takes too long to answer: it may be busy, try again later."
    return _error(site, message, "unreachable", why)


def garbled(site: Site, *, page: bool, start: str) -> ConnectorError:
    """An answer that is not JSON, again and again (J35)."""
    if page:
        message = (
            f"{site.base} answered a web page instead of {site.name}'s API: check the address, it may be a login page "
            "or a proxy."
        )
    else:
        message = f"{site.name} at {site.base} sends answers that break off: check what stands between, then try again."
    return _error(site, message, "answer", start)


def elsewhere(site: Site, host: str) -> ConnectorError:
    """A redirect or a link to another host: followed, it could carry requests anywhere."""
    message = f"{site.base} sends on to {host}, another host: check the address, or use that one if it is right."
    return _error(site, message, "address")


def limited(site: Site, retry_at: datetime, said: str) -> ConnectorError:
    """Over the quota for longer than it makes sense to sleep."""
    message = f"{site.name} at {site.base} is over its rate limit until {retry_at:%Y-%m-%d %H:%M} UTC: it goes on then."
    error = _error(site, message, "limited", said)
    error.retry_at = retry_at
    return error


def unexpected(site: Site, what: str) -> ConnectorError:
    """JSON, but not the shape that Jira or GitHub give."""
    return _error(site, f"{site.base} does not answer as {site.name} does: check the address ({what}).", "answer")


def said(json: Any, text: str) -> str:
    """The server's own words about an error, from the shapes Jira and GitHub use, else the start of the body."""
    if isinstance(json, dict):
        words = [json.get("message"), *(json.get("errorMessages") or [])]
        errors = json.get("errors")
        words += list(errors.values()) if isinstance(errors, dict) else []
        words = [word for word in words if isinstance(word, str) and word]
        if words:
            return "; ".join(words)
    return text[:DETAIL]


def _error(site: Site, message: str, kind: str, said: str = "") -> ConnectorError:
    return ConnectorError(message, kind=kind, detail=site.clean(said))
