// Keeps what decides who sees what fresh, and checks the decisions against Jira itself.
