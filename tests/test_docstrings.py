"""What a function promises begins with what it does."""

import ast
import re
from collections.abc import Iterator

from tests.test_house import APPS, sources

# Whoever needs another verb adds it.
VERBS = frozenset(
    """
    Accept Add Adopt Allow Announce Answer Append Apply Approve Archive Ask Assign Attach Await Be
    Beat Begin Blank Block Book Break Bring Build Call Cancel Carry Catch Change Check Choose
    Claim Clear Close Collect Combine Come Compare Complete Compute Confirm Connect Convert Copy
    Count Create Cut Decide Declare Delete Deliver Describe Detach Dial Discard Dismiss Divide Do
    Download Drain Draw Drop Empty Encode End Ensure Enter Erase Escape Estimate Explain Export
    Extend Fail Fetch Fill Filter Find Finish Fix Flag Flush Fold Follow Forecast Forget Format
    Free Gather Generate Give Go Group Hand Handle Have Hide Hold Ignore Import Include Index
    Insert Invite Join Judge Keep Lead Leave Let Limit Link List Listen Load Lock Log Look Mail
    Make Map Mark Match Mend Merge Mint Move Name Narrow Note Notify Observe Offer Open Owe Parse
    Pass Pause Pick Plan Post Prefer Prepare Print Probe Promote Prove Publish Pull Push Put Queue
    Raise Rank Reach Read Rebuild Record Recount Redirect Refuse Register Release Remember Remove
    Rename Render Renew Repair Repeat Replace Report Request Require Reset Resolve Restore Resume
    Retry Return Reveal Revoke Rewrite Roll Rotate Round Run Save Say Scale Scan Schedule Seal
    Search See Select Send Set Settle Share Show Shut Sign Skip Snooze Sort Split Spread Start
    Stash Stop Store Strip Suppress Swap Sweep Switch Sync Take Tell Test Tick Touch Trade Trim
    Try Turn Uncount Undo Unlink Unlock Update Upsert Use Validate Verify Vouch Wait Wake Walk
    Want Warn Watch Weigh Withdraw Work Write Yield
    """.split()  # noqa: SIM905  a hundred quotes would say no more
)
# A property is named as what it is.
NAMED = {"property", "cached_property", "setter"}
# What the API's operations say of themselves is read in the published schema,
# by people who call them.
OPERATIONS = {"get", "post", "put", "patch", "delete"}


def promises(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the docstring of each function that does something when it is called."""
    operations = {
        id(function)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for function in node.body
        if isinstance(function, ast.FunctionDef) and function.name in OPERATIONS
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or id(node) in operations:
            continue
        text = ast.get_docstring(node)
        decorators = {
            ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list
        }
        if text and not decorators & NAMED:
            yield node.lineno, text


def test_the_docstring_of_a_function_begins_with_a_verb() -> None:
    fragments = [
        f"{name}:{line} {text.splitlines()[0]}"
        for name, tree in sources(*APPS)
        for line, text in promises(tree)
        if (re.match(r"\w+", text) or [""])[0] not in VERBS
    ]
    assert fragments == []
