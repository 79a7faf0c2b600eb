"""One query of GraphQL: `people(first, after, since)` with variables,
and errors that come with status 200.

It is no parser: it looks for the field, the variables that are used, and the braces,
as far as a stand-in needs it.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from sandbox.vendors.anycrm.listing import at_cursor
from sandbox.vendors.frame import Reply, Request

_USED: Final = re.compile(r"\$(\w+)")


def answered(rows: Sequence[dict[str, Any]], request: Request, fails: str) -> Reply:
    """Answer a query; `fails` is the code of the error that it gets instead."""
    wish = request.json()
    query = wish.get("query") if isinstance(wish, dict) else None
    if not isinstance(query, str):
        return Reply(400, {"errors": [{"message": "Must provide query string."}]})
    if query.count("{") != query.count("}") or "{" not in query:
        return refused("GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>.", 400)
    if query.lstrip().startswith("mutation"):
        return refused("FORBIDDEN", "This key only reads.")
    if fails:
        return refused(fails, "It failed, as it was told to.")
    if "people" not in query:
        return refused("GRAPHQL_VALIDATION_FAILED", "Cannot query field on type Query.", 400)
    variables: dict[str, Any] = wish.get("variables") or {}
    if unknown := set(variables) - set(_USED.findall(query)):
        return refused("BAD_USER_INPUT", f"Variables {sorted(unknown)} are not used.", 400)
    since = str(variables.get("since") or "")
    chosen = [row for row in rows if row["updated_at"] >= since]
    found = at_cursor(
        chosen, request, str(variables.get("after") or ""), int(variables.get("first") or 10)
    )
    ends = f"c{found.following}" if found.following is not None else f"c{len(chosen)}"
    page = {"hasNextPage": found.following is not None, "endCursor": ends}
    nodes = [{"node": row} for row in found.rows]
    return Reply(
        200, {"data": {"people": {"totalCount": len(chosen), "edges": nodes, "pageInfo": page}}}
    )


def refused(code: str, message: str, status: int = 200) -> Reply:
    return Reply(
        status, {"data": None, "errors": [{"message": message, "extensions": {"code": code}}]}
    )
