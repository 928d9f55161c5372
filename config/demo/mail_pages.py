"""The demo's mailbox in the browser."""

from __future__ import annotations

from csp.decorators import csp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from config.demo import mailbox
from dashboards.views.digest import LETTER_POLICY

FOLDER = "mail"


def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/mail.html", {"mails": list(mailbox.kept(settings.DATA_DIR / FOLDER))})


@csp(LETTER_POLICY)  # type: ignore[arg-type]
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """As a mail reader shows it; ``?as=text`` its plain part, ``?as=source`` all of it."""
    found = mailbox.letter(settings.DATA_DIR / FOLDER, name)
    if found is None:
        raise Http404
    kind = request.GET.get("as")
    html = mailbox.part(found, "html")
    if kind == "source":
        return HttpResponse(found.as_bytes(), content_type="text/plain; charset=utf-8")
    if kind == "text" or not html:
        return HttpResponse(mailbox.part(found, "plain"), content_type="text/plain; charset=utf-8")
    return HttpResponse(html)
