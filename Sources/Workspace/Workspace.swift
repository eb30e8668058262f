// This installation’s members, and which Jira accounts they are.
