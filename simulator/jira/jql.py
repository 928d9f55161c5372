"""JQL as far as connectors use it: the text becomes a tree, or an error in Jira's words."""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(r"""\s*(?:("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(>=|<=|!=|!~|[=<>~(),])|([^\s()=<>!~,"']+))""")
COMPARISONS = ("=", "!=", ">=", ">", "<=", "<", "~", "!~")
OPERATORS = "'=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'IS' and 'NOT IN'"
MOST_ORDERS = 7
KEYWORDS = {"and", "or", "not", "in", "is", "order", "by", "empty", "null"}


class Unreadable(ValueError):
    """JQL that Jira would refuse; the text is Jira's message."""


@dataclass(frozen=True, slots=True)
class Clause:
    """``field operator values``; fields are lower case; ``is empty`` has no values."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Node = Clause | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A condition (None when unbounded) and an order of (field, descending)."""

    where: Node | None
    order: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A token; ``quoted`` keeps a string such as "and" from being a keyword."""

    text: str
    quoted: bool
    at: int

    @property
    def low(self) -> str:
        return "" if self.quoted else self.text.lower()


def words_of(text: str) -> list[Word]:
    found: list[Word] = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if match is None:
            raise Unreadable(
                f"Error in the JQL Query: The character '{text[position]}' is a reserved JQL character. "
                f"(line 1, character {position + 1})"
            )
        quoted = match[1] is not None
        raw = re.sub(r"\\(.)", r"\1", match[1][1:-1]) if quoted else match[2] or match[3]
        found.append(Word(raw, quoted, match.start(match.lastindex or 0) + 1))
        position = match.end()
    return found


@dataclass(slots=True)
class Reader:
    """A position in the tokens."""

    words: list[Word]
    position: int = 0

    def peek(self) -> str:
        return self.words[self.position].low if self.position < len(self.words) else ""

    def take(self, *wanted: str) -> bool:
        if self.peek() not in wanted:
            return False
        self.position += 1
        return True

    def next(self, expected: str) -> Word:
        if self.position >= len(self.words):
            raise Unreadable(f"Error in the JQL Query: Expecting {expected} before the end of the query.")
        self.position += 1
        return self.words[self.position - 1]

    def need(self, wanted: str) -> None:
        word = self.next(f"'{wanted}'")
        if word.low != wanted:
            raise unexpected(word, f"'{wanted}'")


def unexpected(word: Word, expected: str) -> Unreadable:
    return Unreadable(
        f"Error in the JQL Query: Expecting {expected} but got '{word.text}'. (line 1, character {word.at})"
    )


def parse(text: str) -> Query:
    """The query of a text; Unreadable otherwise."""
    reader = Reader(words_of(text))
    where = None if reader.peek() in ("", "order") and not has_quoted(reader) else disjunction(reader)
    order = ordering(reader) if reader.take("order") else ()
    if reader.position < len(reader.words):
        raise unexpected(reader.words[reader.position], "either 'OR' or 'AND'")
    return Query(where, order)


def has_quoted(reader: Reader) -> bool:
    return reader.position < len(reader.words) and reader.words[reader.position].quoted


def disjunction(reader: Reader) -> Node:
    parts = [conjunction(reader)]
    while reader.take("or", "||"):
        parts.append(conjunction(reader))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def conjunction(reader: Reader) -> Node:
    parts = [term(reader)]
    while reader.take("and", "&&"):
        parts.append(term(reader))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def term(reader: Reader) -> Node:
    if reader.take("not"):
        return Not(term(reader))
    if reader.take("("):
        inside = disjunction(reader)
        reader.need(")")
        return inside
    return clause(reader)


def clause(reader: Reader) -> Node:
    name = reader.next("a field")
    if name.low in KEYWORDS or name.low in COMPARISONS:
        raise unexpected(name, "a field name")
    field = name.text.lower()
    operator = reader.next(f"operator {OPERATORS}")
    if operator.low in COMPARISONS:
        return Clause(field, operator.low, (value(reader),))
    if operator.low == "in":
        return Clause(field, "in", values(reader))
    if operator.low == "not":
        reader.need("in")
        return Not(Clause(field, "in", values(reader)))
    if operator.low == "is":
        return emptiness(reader, field)
    raise unexpected(operator, f"operator but got '{operator.text}'. The valid operators are {OPERATORS}")


def emptiness(reader: Reader, field: str) -> Node:
    negative = reader.take("not")
    word = reader.next("'EMPTY' or 'NULL'")
    if word.low not in ("empty", "null"):
        raise unexpected(word, "'EMPTY' or 'NULL'")
    found = Clause(field, "empty", ())
    return Not(found) if negative else found


def values(reader: Reader) -> tuple[str, ...]:
    reader.need("(")
    found = [value(reader)]
    while reader.take(","):
        found.append(value(reader))
    reader.need(")")
    return tuple(found)


def value(reader: Reader) -> str:
    word = reader.next("either a value, list or function")
    if word.low in KEYWORDS or word.low in (*COMPARISONS, "(", ")", ","):
        raise unexpected(word, "either a value, list or function")
    if reader.take("("):
        reader.need(")")
        return f"{word.text}()"
    return word.text


def ordering(reader: Reader) -> tuple[tuple[str, bool], ...]:
    reader.need("by")
    orders = [order(reader)]
    while reader.take(","):
        orders.append(order(reader))
    if len(orders) > MOST_ORDERS:
        raise Unreadable(f"The maximum number of fields to order by is {MOST_ORDERS}.")
    return tuple(orders)


def order(reader: Reader) -> tuple[str, bool]:
    name = reader.next("a field")
    descending = reader.peek() == "desc"
    reader.take("asc", "desc")
    return name.text.lower(), descending
