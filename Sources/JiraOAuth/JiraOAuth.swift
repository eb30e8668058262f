public import Database

/// OAuth 2.0 grants of Jira Cloud (3LO): how they are asked for, kept, renewed and used.
///
/// Lives in the store's database, in tables of its own behind those of `Workspace`.
public enum JiraOAuth {
    /// Every step of the tables, oldest first. A step that shipped is never edited; a new one is added.
    public static let migrations: [Migration] = [
        Migration("jira_oauth", 1, "apps registered with Atlassian, and the grants people gave them", sql: step001)
    ]

    /// `tokens` and `secret` are sealed. `generation` counts the refresh tokens of a grant: each is used once.
    private static let step001 = """
        CREATE TABLE oauth_app (
            id INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT NOT NULL UNIQUE, secret BLOB NOT NULL,
            stored INTEGER NOT NULL) STRICT;

        CREATE TABLE oauth_grant (
            id INTEGER PRIMARY KEY AUTOINCREMENT, app_id INTEGER NOT NULL REFERENCES oauth_app (id),
            member_id INTEGER REFERENCES member (id) ON DELETE CASCADE, scopes TEXT NOT NULL, sites TEXT NOT NULL,
            tokens BLOB NOT NULL, generation INTEGER NOT NULL DEFAULT 0, granted INTEGER NOT NULL,
            renewed INTEGER NOT NULL, ended TEXT) STRICT;
        CREATE INDEX oauth_grant_app ON oauth_grant (app_id);
        """
}
