"""The digest: as it would be, as it was told, the archive, a test, one's own subscription."""

from __future__ import annotations

from datetime import timedelta

from csp.constants import NONE
from csp.decorators import csp
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboards import words
from dashboards.access import (
    can_see_delivery_log,
    can_subscribe_others,
    visible_issues,
    visible_subscriptions,
)
from dashboards.digest.addresses import Addresses
from dashboards.digest.archive import archive, usefulness
from dashboards.digest.letter import as_html, as_text
from dashboards.digest.looked_at import looked_at
from dashboards.digest.message import addresses_of
from dashboards.digest.records import Digest, as_json, from_json
from dashboards.models import Delivery, DigestIssue
from dashboards.models.delivery import channels_of
from dashboards.views.queued import hand_over_soon
from dashboards.views.signed_in import reader

LETTER_POLICY = {
    "default-src": [NONE],
    "style-src": ["'unsafe-inline'"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "sandbox": ["allow-popups"],
}
"""Of a page that is an e-mail: mail readers know no style sheets, so its styles stand in its elements; nothing else may be."""
TEST_EVERY = timedelta(minutes=1)


def digest(request: HttpRequest) -> HttpResponse:
    made = looked_at(reader(request), request.GET, now=timezone.now())
    context = {
        "page": made,
        "digest": made.digest,
        "addresses": Addresses(""),
        "useful": usefulness(visible_issues(request.user).filter(week=made.digest.week)),
        **_doors(request),
    }
    return render(request, "digest/digest.html", context)


def _doors(request: HttpRequest) -> dict[str, bool]:
    return {
        "may_subscribe_others": can_subscribe_others(request.user),
        "may_see_log": can_see_delivery_log(request.user),
    }


@csp(LETTER_POLICY)
def digest_preview_email(request: HttpRequest) -> HttpResponse:
    return _letter(looked_at(reader(request), request.GET, now=timezone.now()).digest, _pages())


def digest_preview_text(request: HttpRequest) -> HttpResponse:
    return _plain(looked_at(reader(request), request.GET, now=timezone.now()).digest, _pages())


def digest_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """What was told, for good: the words are those of its day."""
    issue = _issue(request, pk)
    context = {"issue": issue, "digest": from_json(issue.content or {}), "addresses": Addresses(""), **_doors(request)}
    return render(request, "digest/issue.html", context)


@csp(LETTER_POLICY)  # type: ignore[arg-type]
def digest_issue_email(request: HttpRequest, pk: int) -> HttpResponse:
    issue = _issue(request, pk)
    return _letter(from_json(issue.content or {}), _without_keys(issue))


def digest_issue_text(request: HttpRequest, pk: int) -> HttpResponse:
    issue = _issue(request, pk)
    return _plain(from_json(issue.content or {}), _without_keys(issue))


def _issue(request: HttpRequest, pk: int) -> DigestIssue:
    return get_object_or_404(visible_issues(request.user).select_related("subscription__person"), pk=pk)


def _without_keys(issue: DigestIssue) -> Addresses:
    """Whoever looks at it here may be another one: nothing that acts for its reader."""
    known = addresses_of(issue.subscription, None)
    return Addresses(known.base, settings=known.settings)


def _pages() -> Addresses:
    return Addresses(base="")


def _letter(digest: Digest, addresses: Addresses) -> HttpResponse:
    return HttpResponse(as_html(digest, addresses))


def _plain(digest: Digest, addresses: Addresses) -> HttpResponse:
    return HttpResponse(as_text(digest, addresses), content_type="text/plain; charset=utf-8")


def digest_archive(request: HttpRequest) -> HttpResponse:
    return render(request, "digest/archive.html", {"page": archive(request.user, request.GET), **_doors(request)})


@require_POST
def digest_test(request: HttpRequest) -> HttpResponse:
    """Send what the preview shows to oneself, now."""
    mine = visible_subscriptions(request.user).filter(person=request.user.pk).first()
    if mine is None or mine.stopped is not None:
        messages.warning(request, "Subscribe first: then Headway knows where your digest goes.")
        return redirect("digest_subscription")
    made = looked_at(reader(request), request.POST, now=timezone.now())
    now = timezone.now()
    if mine.deliveries.filter(kind=Delivery.Kind.TEST, created__gt=now - TEST_EVERY, created__lte=now).exists():
        messages.warning(request, "A test is on its way already: another one can be sent in a minute.")
        return redirect(f"/digest/?{made.query}")
    test = {"subscription": mine, "kind": Delivery.Kind.TEST, "words": as_json(made.digest)}
    rows = Delivery.objects.bulk_create(Delivery(channel=channel, **test) for channel in channels_of(mine))
    hand_over_soon([row.pk for row in rows])
    where = [mine.get_chat_display() if row.channel == Delivery.Channel.CHAT else mine.address for row in rows]
    messages.success(request, f"A test goes to {words.listed(where)}.")
    return redirect(f"/digest/?{made.query}")
