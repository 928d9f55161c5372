"""How API lists are cut into pages."""

from __future__ import annotations

from typing import ClassVar

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """Cursor pages, newest first: no page shifts under a reader while rows come in. ``ordering`` is the view's own."""

    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering: ClassVar[tuple[str, ...]] = ("-id",)  # type: ignore[assignment]
