extension Schema {
    /// Staying in step: issues waiting to be read, what Jira no longer returns, who synchronises, webhooks.
    static let step003 = """
        ALTER TABLE source ADD COLUMN schedule TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE quarantine ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0;

        -- Issues to be read by id, one row each, so that many hints are one reading.
        CREATE TABLE pending_issue (
            source_id INTEGER NOT NULL, jira_id INTEGER NOT NULL, causes INTEGER NOT NULL, since INTEGER NOT NULL,
            due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (source_id, jira_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX pending_issue_due ON pending_issue (source_id, due);

        -- Stored issues that Jira did not return when it was asked for them.
        CREATE TABLE absence (
            source_id INTEGER NOT NULL, jira_id INTEGER NOT NULL, evidence INTEGER NOT NULL, first INTEGER NOT NULL,
            last INTEGER NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (source_id, jira_id)) STRICT, WITHOUT ROWID;

        -- Copies of removed issues, until they are destroyed.
        CREATE TABLE grave (
            source_id INTEGER NOT NULL, jira_id INTEGER NOT NULL, key TEXT NOT NULL, project_id INTEGER NOT NULL,
            reason TEXT NOT NULL, at INTEGER NOT NULL, purge INTEGER NOT NULL, dictionary_id INTEGER, body BLOB,
            PRIMARY KEY (source_id, jira_id)) STRICT;
        CREATE INDEX grave_purge ON grave (purge);

        CREATE TABLE census_run (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER,
            outcome TEXT NOT NULL DEFAULT 'running', summary TEXT NOT NULL DEFAULT '{}') STRICT;
        CREATE INDEX census_run_source ON census_run (source_id, started);

        -- Who synchronises a source at present.
        CREATE TABLE source_lease (
            source_id INTEGER NOT NULL PRIMARY KEY, holder TEXT NOT NULL, job TEXT NOT NULL, taken INTEGER NOT NULL,
            until INTEGER NOT NULL, progress TEXT NOT NULL DEFAULT '{}') STRICT;

        -- What other processes ask of the one that writes.
        CREATE TABLE request (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER NOT NULL, kind TEXT NOT NULL,
            argument TEXT NOT NULL DEFAULT '{}', requested INTEGER NOT NULL, started INTEGER, ended INTEGER,
            outcome TEXT, answer TEXT) STRICT;
        CREATE INDEX request_open ON request (id) WHERE ended IS NULL;

        -- What the site was asked to tell of its own accord, and how that goes.
        CREATE TABLE webhook (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER NOT NULL, kind TEXT NOT NULL, jira_id TEXT,
            url TEXT NOT NULL, path_hash BLOB NOT NULL, secret BLOB, authentication TEXT NOT NULL,
            state TEXT NOT NULL, problem TEXT,
            created INTEGER NOT NULL, verified INTEGER, expires INTEGER, last_delivery INTEGER,
            deliveries INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0) STRICT;
        CREATE INDEX webhook_source ON webhook (source_id);
        """
}
