public import Database

/// This installation's members, and which Jira accounts they are.
///
/// Lives in the store's database, in tables of its own: give ``migrations`` to everything that opens a `Store`.
public enum Workspace {
    /// Every step of the workspace's tables, oldest first. A step that shipped is never edited; a new one is added.
    public static let migrations: [Migration] = [
        Migration("workspace", 1, "members, their accounts and their own credentials", sql: step001)
    ]

    /// `COLLATE NOCASE` folds ASCII letters and nothing else, which is how addresses are compared everywhere here.
    private static let step001 = """
        CREATE TABLE member (
            id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE COLLATE NOCASE, name TEXT NOT NULL,
            role TEXT NOT NULL, email_verified INTEGER NOT NULL, state TEXT NOT NULL, added INTEGER NOT NULL) STRICT;

        CREATE TABLE identity_link (
            member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
            source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
            kind TEXT NOT NULL, account TEXT, since INTEGER NOT NULL,
            PRIMARY KEY (member_id, source_id)) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX identity_link_account ON identity_link (source_id, account);

        CREATE TABLE personal_credential (
            member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
            source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
            account TEXT NOT NULL, kind TEXT NOT NULL, api_url TEXT NOT NULL, credential BLOB NOT NULL,
            stored INTEGER NOT NULL, PRIMARY KEY (member_id, source_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX personal_credential_source ON personal_credential (source_id, account);
        """
}
