"""What is wrong with the set-up of a Jira destination, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.connect.http import reason
from lambdas.connect.remote import NotAllowed, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lambdas.connect.http import Http

API = "/rest/api/3"
FILLED = {"summary", "description", "labels"}  # by Jira.create, beside the project and the type
BY_JIRA = {"project", "issuetype", "reporter"}  # the reporter is whoever creates


def check(http: Http, *, project: str, issue_type: str, fields: Iterable[str]) -> list[str]:
    """Whether the account is known, the project can be created in, and has the issue type and the fields. Other errors
    than a refusal are raised: they say nothing about the set-up."""
    try:
        http.call("GET", f"{API}/myself")
        query = {"maxResults": "200"}
        given = http.call("GET", f"{API}/issue/createmeta/{project}/issuetypes", query=query)
        http.call("GET", f"{API}/search/jql", query={"jql": f'project = "{project}"', "maxResults": "1"})
    except NotAllowed as refused:
        return [str(refused)]
    except Refused as refused:
        why = reason(refused.answer)
        return [f"the project {project} is not there, or the account may not see it or create issues in it: {why}"]
    types = {kind["name"]: kind for kind in given["issueTypes"]}
    if issue_type not in types:
        there = ", ".join(sorted(types)) or "none: the account lacks Create issues there"
        return [f"the project {project} has no issue type {issue_type!r} that the account may create; it has {there}"]
    known = types[issue_type].get("fields")  # not every site tells; then creating an issue does
    return list(screen(known, FILLED | set(fields), f"{issue_type} in {project}")) if known else []


def screen(known: Mapping[str, Any], filled: set[str], kind: str) -> Iterator[str]:
    """What is wrong with the fields that an issue is created with, given those that Jira knows and those we fill."""
    for name in sorted(filled - known.keys()):
        yield f"the field {name} is not on the screen for creating a {kind}"
    for name, field in sorted(known.items()):
        if field.get("required") and not field.get("hasDefaultValue") and name not in filled | BY_JIRA:
            yield f"the field {name} ({field.get('name')}) is required in a {kind}, and Mailroom does not fill it"
