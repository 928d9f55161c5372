"""How API lists are cut into pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.views import APIView


class CursorPages(CursorPagination):
    """Cursor pages, newest first: no page shifts under a reader while rows come in. ``ordering`` is the view's own."""

    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    offset_cutoff = 100_000  # rows of one instant (an import, a day's forecasts) are counted off, however many
    ordering: ClassVar[tuple[str, ...]] = ("-id",)  # type: ignore[misc]

    def get_ordering(self, request: Any, queryset: Any, view: APIView | None) -> tuple[str, ...]:
        return getattr(view, "ordering", None) or self.ordering

    def paginate_queryset(self, queryset: Any, request: Any, view: APIView | None = None) -> list[Any] | None:
        """A page of rows; a cursor that nobody here made is not found, it is no failure."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, OverflowError) as error:
            raise NotFound(self.invalid_cursor_message) from error
