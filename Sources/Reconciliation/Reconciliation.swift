// What Jira no longer returns, and what that means.
