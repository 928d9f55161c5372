"""The GraphQL endpoint: queries are held against the schema, and errors come with 200 (G16)."""

from __future__ import annotations

import re
from collections import OrderedDict
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from simulator.github import limits
from simulator.github.call import Call, error
from simulator.github.connections import BadCursor
from simulator.github.graphql_fields import FIELDS, type_name
from simulator.github.graphql_plan import Null, Plan, TooMuch, check_nodes, object_maker
from simulator.web import Reply, json_reply, route

SCHEMA = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))
UNDEFINED = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
KEPT_QUERIES = 64
known: OrderedDict[str, DocumentNode | list[dict[str, object]]] = OrderedDict()


def answer(call: Call, parts: dict[str, str]) -> Reply:
    """One POST: read, validate, weigh, then project."""
    body = call.request.json()
    if not isinstance(body, dict):
        return error(400, "Problems parsing JSON", "../graphql")
    if not isinstance(body.get("query"), str):
        return json_reply({"errors": [{"message": "A query attribute must be specified and must be a string."}]})
    if limits.is_spent(call, "graphql"):
        message = "API rate limit exceeded for user ID."
        return json_reply({"errors": [{"type": "RATE_LIMITED", "message": message}]})
    document = understood(body["query"])
    if isinstance(document, list):
        return json_reply({"errors": document})
    return json_reply(done(call, document, body))


def understood(text: str) -> DocumentNode | list[dict[str, object]]:
    """The document of a query, or its errors; either is kept, for clients repeat themselves."""
    found = known.get(text)
    if found is None:
        found = known[text] = checked(text)
        while len(known) > KEPT_QUERIES:
            known.popitem(last=False)
    return found


def checked(text: str) -> DocumentNode | list[dict[str, object]]:
    try:
        document = parse(text)
    except GraphQLError as error:
        return [entry(error)]
    errors = validate(SCHEMA, document)
    return [entry(error) for error in errors] if errors else document


def entry(error: GraphQLError) -> dict[str, object]:
    """graphql-core's error in GitHub's words, where they are known."""
    locations = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    match = UNDEFINED.search(error.message)
    if match is None:
        return {"locations": locations, "message": error.message}
    extensions = {"code": "undefinedField", "typeName": match[2], "fieldName": match[1]}
    message = f"Field '{match[1]}' doesn't exist on type '{match[2]}'"
    return {"path": ["query"], "extensions": extensions, "locations": locations, "message": message}


def done(call: Call, document: DocumentNode, body: dict[str, Any]) -> dict[str, object]:
    operation = chosen(document, body.get("operationName"))
    if operation is None or operation.operation is not OperationType.QUERY:
        return {"errors": [{"message": "No operation named as asked for, or it is no query."}]}
    variables = get_variable_values(SCHEMA, operation.variable_definitions or (), body.get("variables") or {})
    if isinstance(variables, list):
        return {"errors": [entry(error) for error in variables]}
    if looks_inward(operation):
        result = execute_sync(SCHEMA, document)
        return {"data": result.data}
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    plan = Plan(call, SCHEMA, dict(FIELDS), type_name, fragments, variables)
    plan.fields["RateLimit"] = FIELDS["RateLimit"] | {
        "cost": lambda call, state, args: plan.cost,
        "nodeCount": lambda call, state, args: plan.nodes,
    }
    return projected(plan, operation)


def chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The named operation, or the only one."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((node for node in operations if node.name and node.name.value == name), None)


def looks_inward(operation: OperationDefinitionNode) -> bool:
    """Introspection, which graphql-core answers itself."""
    names = (getattr(node, "name", None) for node in operation.selection_set.selections)
    return any(name is not None and name.value in ("__schema", "__type") for name in names)


def projected(plan: Plan, operation: OperationDefinitionNode) -> dict[str, object]:
    """The data, with an error entry for every name that led nowhere; a spent point more."""
    query = SCHEMA.query_type
    assert query is not None
    try:
        make = object_maker(plan, query, [operation.selection_set], (), 1)
        check_nodes(plan)
        plan.call.hub.spend(plan.call.token, "graphql", plan.cost)
        data = make(plan)
    except TooMuch as refused:
        return {"errors": [refused.entry]}
    except Null:
        data = None
    except BadCursor as refused:
        return {"data": None, "errors": [{"type": "INVALID_CURSOR_ARGUMENTS", "message": str(refused)}]}
    return {"data": data, **({"errors": plan.errors} if plan.errors else {})}


ROUTES = (route("POST", "/api/graphql", answer),)
