extension Schema {
    /// Leases, declared levels, personal listings, withheld issues and the audit of access.
    static let step002 = """
        ALTER TABLE source ADD COLUMN access_options TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE project ADD COLUMN access_problem TEXT;
        ALTER TABLE project ADD COLUMN access_changed INTEGER;

        CREATE TABLE access_fact (
            source_id INTEGER NOT NULL, kind TEXT NOT NULL, ref TEXT NOT NULL, verified INTEGER, problem TEXT,
            data TEXT, PRIMARY KEY (source_id, kind, ref)) STRICT, WITHOUT ROWID;

        CREATE TABLE declared_level (
            source_id INTEGER NOT NULL, level TEXT NOT NULL, members TEXT NOT NULL, declared_by TEXT NOT NULL,
            declared INTEGER NOT NULL, PRIMARY KEY (source_id, level)) STRICT, WITHOUT ROWID;

        CREATE TABLE listing (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER NOT NULL, account TEXT NOT NULL,
            scope TEXT NOT NULL, verified INTEGER, problem TEXT, issue_count INTEGER NOT NULL,
            restrictions TEXT NOT NULL, issues BLOB NOT NULL, UNIQUE (source_id, account)) STRICT;
        -- The issue of a principal "listed", for finding very many of them in one ascending scan.
        ALTER TABLE principal ADD COLUMN issue INTEGER;
        CREATE INDEX principal_issue ON principal (source_id, issue) WHERE issue IS NOT NULL;

        CREATE TABLE withheld (
            source_id INTEGER NOT NULL, jira_id INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (source_id, jira_id)) STRICT, WITHOUT ROWID;

        CREATE TABLE access_audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER NOT NULL, started INTEGER NOT NULL,
            ended INTEGER, pairs INTEGER NOT NULL DEFAULT 0, accounts INTEGER NOT NULL DEFAULT 0,
            issues INTEGER NOT NULL DEFAULT 0, requests INTEGER NOT NULL DEFAULT 0,
            too_much INTEGER NOT NULL DEFAULT 0, too_little INTEGER NOT NULL DEFAULT 0, problem TEXT) STRICT;
        CREATE INDEX access_audit_source ON access_audit (source_id);
        CREATE TABLE access_finding (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER NOT NULL, account TEXT NOT NULL,
            issue INTEGER NOT NULL, kind TEXT NOT NULL, explanation TEXT NOT NULL, found INTEGER NOT NULL,
            last_seen INTEGER NOT NULL, resolved INTEGER, UNIQUE (source_id, account, issue, kind)) STRICT;
        """
}
