// What Jira tells of its own accord: checked, understood, kept until it is acted upon.
