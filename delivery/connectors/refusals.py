"""What a refusal means, said in one plain sentence: what is wrong and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from delivery.connectors import lacking
from delivery.connectors.contract import ConnectorError

DETAIL = 300  # characters of the server's own words that are kept
QUOTED = 200  # and of them in a sentence
NOBODY = ("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED")  # Jira took the token for nobody's, be it with 200 (J18)
_GONE = re.compile(r"\b(disabled|deleted)\b", re.IGNORECASE)  # 410 of one thing and not of an endpoint


@dataclass(frozen=True, slots=True)
class About:
    """What a question was about, for the sentence that tells of its refusal.

    ``what``: ABC, acme/x. ``needs``: the right it takes, where the source does not name it. ``worked``: the token was
    good earlier in this run.
    """

    what: str = ""
    needs: str = ""
    worked: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """Whom we talk to. ``token_advice`` and ``permission_advice`` say what to do about a 401 and a 403.

    ``secrets`` are cut out of everything the server says back. ``lanes``: what a path must hold for its limits to be
    counted apart, and the name they are counted under; the first that fits. ``needs``: likewise, the right that a path
    takes. ``subject``: what of a path names the project or repository it is about.
    """

    name: str  # Jira or GitHub
    base: str
    token_advice: str
    permission_advice: str
    secrets: tuple[str, ...] = ()
    lanes: tuple[tuple[str, str], ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    subject: str = ""

    def __repr__(self) -> str:
        return f"Site({self.name} at {self.base})"

    def lane(self, path: str) -> str:
        """The family of endpoints that ``path`` belongs to."""
        return next((name for part, name in self.lanes if part in path), "other")

    def about(self, path: str, what: str, needs: str, *, worked: bool) -> About:
        """What a question to ``path`` was about, as far as the asker does not say it in ``what`` and ``needs``."""
        found = re.search(self.subject, path) if self.subject and not what else None
        right = next((name for part, name in self.needs if part in path), "")
        return About(unquote(found[1]) if found else what, needs or right, worked)

    def clean(self, text: str) -> str:
        """``text`` on one line, without any secret, at most DETAIL characters."""
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return " ".join(text[: 10 * DETAIL].split())[:DETAIL]  # few words of what may be 64 MB


def refused(
    site: Site,
    status: int,
    said: str,
    missing: str,
    *,
    headers: Mapping[str, str] | None = None,
    about: About = About(),
) -> ConnectorError:
    """The error for a final answer of 300 and up. ``missing`` is the sentence for "not found" (404)."""
    here, told = f"{site.name} at {site.base}", headers or {}
    if status == 401 and "scope does not match" not in said.lower():
        return _unauthorised(site, said, told, about)
    if status in (401, 403):
        return _forbidden(site, said, told, about)
    if status == 410 and not (_GONE.search(said) and missing):  # J1: a removed endpoint must never read as "no issues"
        message = f"{here} has removed what Headway asks for: Headway is outdated, update it to a newer version."
        return _error(site, message, "outdated", said)
    if status in (404, 410, 451):
        return _missing(site, status, said, missing, told)
    message = f"{here} did not accept the question ({status}): {site.clean(said) or 'no reason'}."
    error = _error(site, message, "answer")
    error.against = site.clean(said) if status == 400 else None
    return error


def _unauthorised(site: Site, said: str, headers: Mapping[str, str], about: About) -> ConnectorError:
    """Expired where the answer says so; else wrong, or withdrawn when it was good before."""
    here = f"{site.name} at {site.base}"
    if (
        "AUTHENTICATION_DENIED" in headers.get("x-seraph-loginreason", "")
        or "x-authentication-denied-reason" in headers
    ):
        message = f"{here} wants a captcha solved before this account may sign in: sign in once with a browser."
        return _error(site, message, "credentials", said)
    if "expired" in f"{said} {headers.get('www-authenticate', '')}".lower():
        return expired(site, said)
    if about.worked:
        message = f"{here} no longer takes the token, which was good a moment ago: it was withdrawn or has run out."
        return _error(site, f"{message} What to do: {site.token_advice}", "credentials", said)
    return _error(site, f"{here} refused the token: {site.token_advice}", "credentials", said)


def expired(site: Site, said: str = "") -> ConnectorError:
    """The token was good and its time is over."""
    message = f"The token for {site.name} at {site.base} has expired: make a new one and put it into the source."
    return _error(site, message, "expired", said)


def _forbidden(site: Site, said: str, headers: Mapping[str, str], about: About) -> ConnectorError:
    here, on = f"{site.name} at {site.base}", f" on {about.what}" if about.what else ""
    organisation = lacking.sign_on(headers)
    if organisation:
        message = (
            f"{here} lets this token read nothing of {organisation} yet: authorise the token for its single sign-on "
            "(on GitHub: Settings, Developer settings, the token, Configure SSO)."
        )
        return _error(site, message, "permission", said)
    if "ip allow list" in said.lower():
        message = f"{here} lets in only listed addresses{on}: ask an owner to add the address of Headway's machine."
        return _error(site, message, "permission", said)
    right = lacking.right(headers, said, about.needs)
    if right:
        message = f"{here}: the token lacks {right}{on}. Give it that right, or make a new one that has it."
        return _error(site, message, "permission", said)
    message = f"{here} does not let this token read {about.what or 'that'}: {site.permission_advice}"
    return _error(site, message, "permission", said)


def _missing(site: Site, status: int, said: str, missing: str, headers: Mapping[str, str]) -> ConnectorError:
    fallback = f"{site.name} at {site.base} does not know what Headway asks for: check that the address is the one of "
    if status == 451:
        missing = f"{missing} {site.name} has taken it down for legal reasons.".strip()
    right = lacking.right(headers, said, "") if "x-oauth-scopes" in headers else ""
    hint = f" If it is a private one: the token lacks {right}." if right and missing else ""
    message = f"{missing}{hint}" or f"{fallback}{site.name}."
    return _error(site, message, "missing" if missing else "answer", said)


def unreachable(site: Site, why: str) -> ConnectorError:
    """Nothing answers, or it does not speak HTTP or TLS as expected."""
    if "CERTIFICATE_VERIFY_FAILED" in why:
        message = (
            f"The certificate of {site.base} is not trusted: check the address; where an authority of your own signs, let "
            "SSL_CERT_FILE name a bundle with it on the machine that runs Headway."
        )
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


def broken(site: Site, why: str) -> ConnectorError:
    """It talks, but no answer comes whole: cut in its middle, hung up on, too large, packed oddly."""
    if why.startswith("Server disconnected"):
        message = f"{site.name} at {site.base} hangs up without an answer: it may be restarting, try again later."
        return _error(site, message, "unreachable", why)
    message = (
        f"{site.name} at {site.base} sends answers that cannot be used ({site.clean(why)}): check what stands between."
    )
    return _error(site, message, "answer", why)


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


def misunderstood(site: Site, language: str, words: str) -> ConnectorError:
    """A person's question in ``language`` that the source refuses: its own words say best what is wrong with it."""
    told = site.clean(words)[:QUOTED].rstrip(".") or "no reason was given"
    message = f"{site.name} does not understand this {language}. It says: “{told}”. Correct it, then try again."
    return _error(site, message, "question", words)


def too_wide(what: str, by: str) -> ConnectorError:
    """A person's question that names more than can be taken."""
    return ConnectorError(f"{what}: narrow it, for instance by {by}.", kind="question")


def said(json: Any, text: str) -> str:
    """The server's own words about an error, from the shapes Jira and GitHub use, else the body; to be cleaned before
    it is cut, or half a secret stays."""
    if isinstance(json, dict):
        words = [json.get("message"), *(json.get("errorMessages") or [])]
        errors = json.get("errors")
        words += list(errors.values()) if isinstance(errors, dict) else []
        words = [word for word in words if isinstance(word, str) and word]
        if words:
            return "; ".join(words)
    return text


def _error(site: Site, message: str, kind: str, said: str = "") -> ConnectorError:
    return ConnectorError(message, kind=kind, detail=site.clean(said))
