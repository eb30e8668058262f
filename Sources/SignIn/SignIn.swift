public import Database

/// Members' sign-in: passwords, second factors, sessions, API tokens, links for one use, and who is calling.
///
/// Lives in the store's database, in tables of its own behind those of `Workspace` and `AuditTrail`.
public enum SignIn {
    /// Every step of the tables, oldest first. A step that shipped is never edited; a new one is added.
    public static let migrations: [Migration] = [
        Migration(
            "sign_in", 1, "passwords, sessions, tokens, links for one use and what slows guessing down",
            sql: [step001Callers, step001Proofs, step001Owners].joined(separator: "\n"))
    ]

    /// `born`, `touched` and `deadline` are by ``SteadyTime``; `started`, `seen`, `created`, `expires` and `used` by the
    /// wall clock, for people.
    private static let step001Callers = """
        CREATE TABLE steady_clock (
            id INTEGER PRIMARY KEY CHECK (id = 1), steady INTEGER NOT NULL, wall INTEGER NOT NULL) STRICT;

        CREATE TABLE session (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE,
            secret_hash BLOB NOT NULL UNIQUE, role TEXT NOT NULL, method TEXT NOT NULL, started INTEGER NOT NULL,
            seen INTEGER NOT NULL, born INTEGER NOT NULL, touched INTEGER NOT NULL, remote TEXT NOT NULL,
            agent TEXT NOT NULL) STRICT;
        CREATE INDEX session_member ON session (member_id);

        CREATE TABLE api_token (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE, name TEXT NOT NULL,
            scopes TEXT NOT NULL, secret_hash BLOB NOT NULL UNIQUE, created INTEGER NOT NULL, expires INTEGER NOT NULL,
            deadline INTEGER NOT NULL, used INTEGER) STRICT;
        CREATE INDEX api_token_member ON api_token (member_id);
        """

    private static let step001Proofs = """
        CREATE TABLE member_password (
            member_id INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE, hash TEXT NOT NULL,
            changed INTEGER NOT NULL) STRICT;

        CREATE TABLE second_factor (
            member_id INTEGER PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE, secret BLOB NOT NULL,
            confirmed INTEGER, last_step INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE TABLE recovery_code (
            member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE, hash BLOB NOT NULL,
            PRIMARY KEY (member_id, hash)) STRICT, WITHOUT ROWID;

        CREATE TABLE one_use_link (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, secret_hash BLOB NOT NULL UNIQUE,
            member_id INTEGER REFERENCES member (id) ON DELETE CASCADE, created INTEGER NOT NULL,
            expires INTEGER NOT NULL, deadline INTEGER NOT NULL) STRICT;
        CREATE UNIQUE INDEX one_use_link_member ON one_use_link (kind, member_id);

        CREATE TABLE sign_in_throttle (
            subject BLOB PRIMARY KEY, failures INTEGER NOT NULL, last INTEGER NOT NULL, free INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sign_in_throttle_last ON sign_in_throttle (last);

        CREATE TABLE provider_link (
            provider TEXT NOT NULL, subject TEXT NOT NULL,
            member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE, since INTEGER NOT NULL,
            PRIMARY KEY (provider, subject)) STRICT, WITHOUT ROWID;
        CREATE INDEX provider_link_member ON provider_link (member_id);
        """

    /// Holds however members are changed: an installation that had an owner keeps one.
    private static let step001Owners = """
        CREATE TRIGGER member_last_owner_kept BEFORE DELETE ON member
        WHEN OLD.role = 'owner' AND OLD.state = 'active' AND NOT EXISTS (
            SELECT 1 FROM member WHERE role = 'owner' AND state = 'active' AND id <> OLD.id)
        BEGIN SELECT RAISE(ABORT, 'the last active owner can not be removed'); END;
        CREATE TRIGGER member_last_owner_unchanged BEFORE UPDATE ON member
        WHEN OLD.role = 'owner' AND OLD.state = 'active' AND (NEW.role <> 'owner' OR NEW.state <> 'active')
            AND NOT EXISTS (SELECT 1 FROM member WHERE role = 'owner' AND state = 'active' AND id <> OLD.id)
        BEGIN SELECT RAISE(ABORT, 'the last active owner can not be changed'); END;
        """
}
