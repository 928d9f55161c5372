"""A GraphQL operation as nested functions over records, made once per request.

graphql-core reads and validates; its executor is left aside, for it is far too slow for pages of a hundred pull
requests. Whatever a request may not ask (too many nodes, no page size) is found here, before anything is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution.values import VariableValues, get_argument_values, get_directive_values
from graphql.type import GraphQLNonNull

from simulator.github.call import Call
from simulator.records import Pull

Resolve = Callable[[Call, Any, dict[str, Any]], Any]
Make = Callable[[Any], Any]
Path = tuple[str | int, ...]
MOST = 100  # records of a connection
MOST_NODES = 500_000  # of a query (G16)


class Missing(LookupError):
    """What was asked for by name is not there: null, and an entry in ``errors`` of this ``type``."""

    def __init__(self, message: str, type: str = "NOT_FOUND") -> None:
        super().__init__(message)
        self.type = type


def forbidden() -> Missing:
    """What the token has no permission for (G13)."""
    return Missing("Resource not accessible by personal access token", "FORBIDDEN")


def stumbled() -> Missing:
    """What GitHub could not put together in time (G16)."""
    return Missing("Something went wrong while executing your query.", "")


class TooMuch(ValueError):
    """A query that GitHub refuses as a whole."""

    def __init__(self, type: str, message: str, path: Path, node: FieldNode | None) -> None:
        super().__init__(message)
        self.entry = problem(type, message, path, node)


def problem(type: str, message: str, path: Path, node: FieldNode | None) -> dict[str, object]:
    """An entry of ``errors`` in GitHub's form."""
    start = node.loc.start_token if node and node.loc else None
    locations = [{"line": start.line, "column": start.column}] if start else []
    return {**({"type": type} if type else {}), "path": list(path), "locations": locations, "message": message}


@dataclass(slots=True)
class Plan:
    """One operation being made: where its functions come from and what it will cost."""

    call: Call
    schema: GraphQLSchema
    fields: dict[str, dict[str, Resolve]]
    type_name: Callable[[Any], str]
    fragments: dict[str, FragmentDefinitionNode]
    variables: VariableValues
    nodes: int = 0
    requests: int = 0
    errors: list[dict[str, object]] = field(default_factory=list)

    @property
    def cost(self) -> int:
        """Points: one for every hundred requests that the connections stand for, at least one."""
        return max(1, round(self.requests / 100))


@dataclass(frozen=True, slots=True)
class Step:
    """One field of an object type: how to get it and what to make of it."""

    key: str
    resolve: Resolve
    args: dict[str, Any]
    make: Make | None
    path: Path
    node: FieldNode
    promised: bool = False  # not nullable


class Null(Exception):
    """Null where something is promised: then the object around it is null, up to where the schema allows it."""


def object_maker(
    plan: Plan, type: GraphQLObjectType, selections: list[SelectionSetNode], path: Path, times: int
) -> Make:
    """The function from a record to the JSON that a selection wants of it. ``times``: how often it may be called."""
    steps = [step(plan, type, key, nodes, path, times) for key, nodes in collected(plan, type, selections).items()]
    call = plan.call

    def make(thing: Any) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for one in steps:
            try:
                value = one.resolve(call, thing, one.args)
                made[one.key] = value if one.make is None or value is None else one.make(value)
            except (Missing, Null) as error:
                if isinstance(error, Missing):
                    plan.errors.append(problem(error.type, str(error), one.path, one.node))
                if one.promised:
                    raise Null from None
                made[one.key] = None
        return made

    return make


def step(plan: Plan, type: GraphQLObjectType, key: str, nodes: list[FieldNode], path: Path, times: int) -> Step:
    node, here = nodes[0], (*path, key)
    name = node.name.value
    if name == "__typename":
        return Step(key, lambda call, thing, args: type.name, {}, None, here, node)
    definition = type.fields[name]
    args = {name: plain(value) for name, value in get_argument_values(definition, node, plan.variables).items()}
    resolve = plan.fields[type.name][name]
    if is_leaf_type(get_named_type(definition.type)):
        return Step(key, resolve, args, None, here, node)
    inside = [found.selection_set for found in nodes if found.selection_set]
    within = times * page_size(plan, definition, args, here, node, times)
    promised = isinstance(definition.type, GraphQLNonNull)
    return Step(key, resolve, args, maker(plan, definition, inside, here, within), here, node, promised)


def plain(value: Any) -> Any:
    """Enum members by name, deep inside input objects."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def maker(plan: Plan, definition: GraphQLField, inside: list[SelectionSetNode], path: Path, times: int) -> Make:
    """For an object, a list of them, or whatever of several types it turns out to be."""
    named = get_named_type(definition.type)
    one = (
        abstract_maker(plan, named, inside, path, times)
        if is_abstract_type(named)
        else object_maker(plan, named, inside, path, times)  # type: ignore[arg-type]
    )
    shape = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
    if not is_list_type(shape):
        return one
    return lambda things: [made(plan, thing, one, path) for thing in things]


def made(plan: Plan, thing: Any, one: Make, path: Path) -> Any:
    """A member of a list; in the place of one that GitHub stumbles over there is null, and an entry in ``errors``: but
    not where a list of numbers is all that is asked for."""
    if (
        plan.requests > 1
        and isinstance(thing, Pull)
        and plan.call.hub.world.extra("stumbles", thing.repository, thing.number)
    ):
        plan.errors.append(problem("", str(stumbled()), path, None))
        return None
    try:
        return None if thing is None else one(thing)
    except Null:
        return None


def abstract_maker(plan: Plan, named: Any, inside: list[SelectionSetNode], path: Path, times: int) -> Make:
    makers = {
        type.name: object_maker(plan, type, inside, path, times) for type in plan.schema.get_possible_types(named)
    }
    return lambda thing: makers[plan.type_name(thing)](thing)


def page_size(
    plan: Plan, definition: GraphQLField, args: dict[str, Any], path: Path, node: FieldNode, times: int
) -> int:
    """How many records a connection may bring each time; 1 for anything else. Counts nodes and requests."""
    if not get_named_type(definition.type).name.endswith("Connection"):
        return 1
    side = "last" if args.get("first") is None else "first"
    size: int | None = args.get(side)
    name = node.name.value
    if size is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise TooMuch("MISSING_PAGINATION_BOUNDARIES", message, path, node)
    if not 0 <= size <= MOST:
        message = (
            f"Requesting {size:,} records on the `{name}` connection exceeds the `{side}` limit of {MOST} records."
        )
        raise TooMuch("EXCESSIVE_PAGINATION", message, path, node)
    plan.nodes += times * size
    plan.requests += times
    return max(1, size)


def check_nodes(plan: Plan) -> None:
    if plan.nodes > MOST_NODES:
        message = (
            f"This query requests up to {plan.nodes:,} possible nodes which exceeds the maximum limit of "
            f"{MOST_NODES:,}."
        )
        raise TooMuch("MAX_NODE_LIMIT_EXCEEDED", message, (), None)


def collected(
    plan: Plan, type: GraphQLObjectType, selections: Iterable[SelectionSetNode]
) -> dict[str, list[FieldNode]]:
    """The fields that apply to a type, fragments unfolded, equal response keys together."""
    found: dict[str, list[FieldNode]] = {}
    for selection in selections:
        for node in unfolded(plan, type, selection):
            found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
    return found


def unfolded(plan: Plan, type: GraphQLObjectType, selection: SelectionSetNode) -> Iterator[FieldNode]:
    for node in selection.selections:
        if not wanted(plan, node):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, FragmentSpreadNode):
            fragment = plan.fragments[node.name.value]
            if applies(plan, type, fragment.type_condition.name.value):
                yield from unfolded(plan, type, fragment.selection_set)
        elif isinstance(node, InlineFragmentNode) and applies(
            plan, type, node.type_condition.name.value if node.type_condition else type.name
        ):
            yield from unfolded(plan, type, node.selection_set)


def wanted(plan: Plan, node: Any) -> bool:
    """What @skip and @include leave."""
    skip = get_directive_values(GraphQLSkipDirective, node, plan.variables)
    include = get_directive_values(GraphQLIncludeDirective, node, plan.variables)
    return not (skip and skip["if"]) and (include is None or bool(include["if"]))


def applies(plan: Plan, type: GraphQLObjectType, condition: str) -> bool:
    named = plan.schema.get_type(condition)
    return named is type or (is_abstract_type(named) and plan.schema.is_sub_type(named, type))
