"""A person's page: for the person and those they work for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from dashboards.pages import person as pages
from people.models import Person
from teams.access import can_see_person


def person(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Person, pk=pk)
    today = timezone.localdate()
    if not can_see_person(request.user, found, day=today):
        return render(request, "403.html", {"gate": pages.closed(found, today=today)}, status=403)
    page = pages.page(request.user, found, now=timezone.now(), today=today)
    return render(request, "person/person.html", {"page": page})


def me(request: HttpRequest) -> HttpResponse:
    return redirect("person", request.user.pk)
