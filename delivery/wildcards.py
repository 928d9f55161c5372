"""Patterns in rules: ``*`` stands for anything, also nothing; case does not matter; every other sign means itself."""

from __future__ import annotations


def fits(text: str, pattern: str) -> str:
    """SQL: whether the expression ``text`` fits the pattern in the expression ``pattern``. For a query with values:
    per cent signs are doubled."""
    escaped = f"replace(replace(replace({pattern}, '\\', '\\\\'), '%%', '\\%%'), '_', '\\_')"
    return f"lower({text}) LIKE lower(replace({escaped}, '*', '%%'))"
