public import Database

extension ChangeFeed {
    /// Every step of the feed's tables, oldest first. A step that shipped is never edited; a new one is added.
    ///
    /// Belongs behind the migrations of the store and of `Workspace`.
    public static let migrations: [Migration] = [
        Migration(
            "change_feed", 1, "what changed, and who is told of it by webhooks",
            sql: [step001, step001Issues, step001Parts, step001Subscriptions].joined(separator: "\n"))
    ]

    /// A row with `issue_id` is the place of a stored issue that changed, one without the trace of an issue that left the
    /// audience `acl_id`. `AUTOINCREMENT` never gives a place twice.
    ///
    /// An issue that is stored for the first time gets no place: its own number, which is larger than those before, tells
    /// that it is new. So a first full read costs next to nothing here. Only a number that a removed issue had, up to
    /// `reused`, says nothing.
    private static let step001 = """
        CREATE TABLE change_feed (
            id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, purged INTEGER NOT NULL,
            reused INTEGER NOT NULL) STRICT;
        INSERT INTO change_feed VALUES (1, random(), 0, 0);

        CREATE TABLE change (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, issue_id INTEGER, source_id INTEGER, jira_id INTEGER,
            acl_id INTEGER, key TEXT, at INTEGER, access_version INTEGER) STRICT;
        CREATE UNIQUE INDEX change_issue ON change (issue_id) WHERE issue_id IS NOT NULL;
        CREATE UNIQUE INDEX change_trace ON change (source_id, jira_id, acl_id) WHERE issue_id IS NULL;
        CREATE INDEX change_trace_at ON change (at) WHERE issue_id IS NULL;
        """

    /// Reading an issue again without finding a change sets none of the columns named here.
    private static let step001Issues = """
        CREATE TRIGGER change_stored AFTER INSERT ON issue
        WHEN NEW.id <= (SELECT reused FROM change_feed WHERE id = 1)
        BEGIN INSERT INTO change (issue_id) VALUES (NEW.id); END;

        CREATE TRIGGER change_rewritten AFTER UPDATE OF key, acl_id, state, raw_hash ON issue
        BEGIN
            DELETE FROM change WHERE issue_id = NEW.id;
            INSERT INTO change (issue_id) VALUES (NEW.id);
        END;

        CREATE TRIGGER change_left AFTER UPDATE OF acl_id ON issue WHEN OLD.acl_id <> NEW.acl_id
        BEGIN \(leaveTrace) END;

        CREATE TRIGGER change_removed AFTER DELETE ON issue
        BEGIN
            DELETE FROM change WHERE issue_id = OLD.id;
            UPDATE change_feed SET reused = max(reused, OLD.id);
            \(leaveTrace)
        END;

        CREATE TRIGGER change_purged AFTER DELETE ON source
        BEGIN DELETE FROM change WHERE issue_id IS NULL AND source_id = OLD.id; END;
        """

    private static let leaveTrace = """
        DELETE FROM change WHERE issue_id IS NULL AND source_id = OLD.source_id AND jira_id = OLD.jira_id
            AND acl_id = OLD.acl_id;
        INSERT INTO change (source_id, jira_id, acl_id, key, at, access_version)
        VALUES (OLD.source_id, OLD.jira_id, OLD.acl_id, OLD.key,
            CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER),
            (SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'access_version'));
        """

    /// Who may see a part can change without a change of the issue itself.
    private static let step001Parts = ["comment", "worklog", "attachment"].map { table in
        """
        CREATE TRIGGER change_\(table)_left AFTER UPDATE OF acl_id ON \(table) WHEN OLD.acl_id <> NEW.acl_id
        BEGIN
            DELETE FROM change WHERE issue_id = NEW.issue_id;
            INSERT INTO change (issue_id) VALUES (NEW.issue_id);
        END;
        """
    }.joined(separator: "\n")

    private static let step001Subscriptions = """
        CREATE TABLE subscription (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            member_id INTEGER NOT NULL REFERENCES member (id) ON DELETE CASCADE, name TEXT NOT NULL, url TEXT NOT NULL,
            secret BLOB NOT NULL, state TEXT NOT NULL, problem TEXT, created INTEGER NOT NULL, position BLOB NOT NULL,
            failing INTEGER, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0, delivered INTEGER,
            UNIQUE (member_id, name)) STRICT;

        CREATE TABLE delivery (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE, kind TEXT NOT NULL,
            state TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER, attempts INTEGER NOT NULL DEFAULT 0,
            status INTEGER, problem TEXT, entries INTEGER NOT NULL DEFAULT 0, position BLOB NOT NULL) STRICT;
        CREATE INDEX delivery_subscription ON delivery (subscription_id, id);
        """
}
