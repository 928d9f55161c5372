"""What the API takes, as it is sent: the words behind it check it and say what is wrong."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

LARGEST_ID = 2**63 - 1


class Choice(serializers.ChoiceField):
    """One of some values in the schema; any text is handed on, so that the error is the one of the form."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return data


class Number(serializers.FloatField):
    """A number; one that no computer can hold is none."""

    def to_internal_value(self, data: Any) -> float:
        try:
            return super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")


class Text(serializers.CharField):
    """Any text, also none."""

    def __init__(self, **options: Any):
        super().__init__(**{"allow_blank": True, "trim_whitespace": False} | options)


def some_id(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=LARGEST_ID, **options)


class Row(serializers.PrimaryKeyRelatedField[Any]):
    """A row by its id; a number that no database holds names none."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except OverflowError:
            self.fail("does_not_exist", pk_value=data)
