"""Uses the public Python client `jira` against a Jira and says what it read, as one JSON object.

    check_jira_client.py cloud URL EMAIL TOKEN PROJECT ISSUE
    check_jira_client.py dc    URL ""    TOKEN PROJECT ISSUE
"""

import json
import sys

from jira import JIRA, JIRAError


def main(flavour, url, email, token, project, issue_key):
    login = {"basic_auth": (email, token)} if flavour == "cloud" else {"token_auth": token}
    client = JIRA(server=url, max_retries=0, **login)
    report = {"deployment": client.server_info().get("deploymentType"), "me": client.myself()["displayName"]}

    query = f"project = {project} order by created asc"
    if flavour == "cloud":
        first = client.enhanced_search_issues(query, maxResults=7, fields="summary,status")
        everything = client.enhanced_search_issues(query, maxResults=False, fields="summary")
        report["count"] = client.approximate_issue_count(query)
    else:
        first = client.search_issues(query, startAt=0, maxResults=7, fields="summary,status")
        report["count"] = first.total
        everything = client.search_issues(query, maxResults=False, fields="summary")
    report["firstPage"] = [issue.key for issue in first]
    report["keys"] = sorted(issue.key for issue in everything)
    report["statuses"] = sorted({issue.fields.status.name for issue in first})

    issue = client.issue(issue_key, expand="changelog")
    report["summary"] = issue.fields.summary
    report["reporter"] = issue.fields.reporter.displayName
    report["histories"] = len(issue.changelog.histories)
    report["comments"] = [comment.id for comment in client.comments(issue_key)]
    report["worklogs"] = len(client.worklogs(issue_key))
    report["attachments"] = {item.filename: len(item.get()) for item in issue.fields.attachment} if flavour == "dc" else {}

    report["projects"] = sorted(item.key for item in client.projects())
    report["permissions"] = client.my_permissions(projectKey=project, permissions="BROWSE_PROJECTS")["permissions"][
        "BROWSE_PROJECTS"
    ]["havePermission"]
    report["scheme"] = client.project_permissionscheme(project).name
    report["roles"] = sorted(client.project_roles(project))
    report["fields"] = len(client.fields())
    report["linkTypes"] = len(client.issue_link_types())
    report["boards"] = len(client.boards())
    try:
        client.issue(f"{project}-999999")
    except JIRAError as error:
        report["missing"] = error.status_code
    print(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:7])
