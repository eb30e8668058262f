extension Schema {
    static let step001 = [step001Sources, step001People, step001Access, step001Issues].joined(separator: "\n")

    private static let step001Sources = """
        CREATE TABLE setting (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO setting VALUES ('access_version', '1'), ('content_version', '1');

        CREATE TABLE source (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, url TEXT NOT NULL,
            api_url TEXT NOT NULL, product TEXT NOT NULL, site_id TEXT, version TEXT, access_mode TEXT NOT NULL,
            credential_kind TEXT NOT NULL, credential BLOB, principal TEXT, time_zone TEXT,
            scope TEXT NOT NULL DEFAULT '{}', state TEXT NOT NULL DEFAULT 'active', problem TEXT,
            created INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE checkpoint (
            source_id INTEGER NOT NULL, phase TEXT NOT NULL, data TEXT NOT NULL, updated INTEGER NOT NULL,
            PRIMARY KEY (source_id, phase)) STRICT, WITHOUT ROWID;

        CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, kind TEXT NOT NULL, ref TEXT NOT NULL,
            reason TEXT NOT NULL, message TEXT NOT NULL, at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 1,
            raw BLOB, UNIQUE (source_id, kind, ref)) STRICT;

        CREATE TABLE sync_run (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, kind TEXT NOT NULL, started INTEGER NOT NULL,
            ended INTEGER, outcome TEXT NOT NULL DEFAULT 'running', summary TEXT NOT NULL DEFAULT '{}', problem TEXT
        ) STRICT;
        CREATE INDEX sync_run_source ON sync_run (source_id, started);

        CREATE TABLE dictionary (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER NOT NULL, kind TEXT NOT NULL, bytes BLOB NOT NULL
        ) STRICT;
        CREATE INDEX dictionary_source ON dictionary (source_id, kind);
        """

    private static let step001People = """
        CREATE TABLE account (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, jira_id TEXT NOT NULL, name TEXT,
            display_name TEXT NOT NULL, email TEXT, kind TEXT NOT NULL, active INTEGER NOT NULL, time_zone TEXT,
            listed INTEGER NOT NULL DEFAULT 0, UNIQUE (source_id, jira_id)) STRICT;
        CREATE INDEX account_email ON account (email COLLATE NOCASE) WHERE email IS NOT NULL;
        CREATE INDEX account_name ON account (name COLLATE NOCASE) WHERE name IS NOT NULL;

        CREATE TABLE person_group (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, jira_id TEXT NOT NULL, name TEXT NOT NULL,
            UNIQUE (source_id, jira_id)) STRICT;
        CREATE TABLE membership (
            group_id INTEGER NOT NULL, account_id INTEGER NOT NULL, PRIMARY KEY (group_id, account_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX membership_account ON membership (account_id);
        CREATE TABLE subgroup (
            parent_id INTEGER NOT NULL, child_id INTEGER NOT NULL, PRIMARY KEY (parent_id, child_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE application_role (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
            UNIQUE (source_id, key)) STRICT;
        CREATE TABLE application_role_group (
            role_id INTEGER NOT NULL, group_id INTEGER NOT NULL, PRIMARY KEY (role_id, group_id)
        ) STRICT, WITHOUT ROWID;
        """

    private static let step001Access = """
        CREATE TABLE project (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, jira_id TEXT NOT NULL, key TEXT NOT NULL,
            name TEXT NOT NULL, type TEXT NOT NULL, style TEXT NOT NULL, private INTEGER NOT NULL,
            archived INTEGER NOT NULL, lead TEXT, category TEXT, scheme_id INTEGER, security_scheme_id TEXT,
            access_state TEXT NOT NULL DEFAULT 'unknown', access_verified INTEGER, raw BLOB,
            UNIQUE (source_id, jira_id)) STRICT;
        CREATE TABLE project_key (
            source_id INTEGER NOT NULL, key TEXT NOT NULL, project_id INTEGER NOT NULL, PRIMARY KEY (source_id, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE role_actor (
            project_id INTEGER NOT NULL, role TEXT NOT NULL, role_name TEXT NOT NULL, account TEXT, actor_group TEXT
        ) STRICT;
        CREATE INDEX role_actor_project ON role_actor (project_id);

        CREATE TABLE permission_scheme (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, jira_id TEXT NOT NULL, name TEXT NOT NULL,
            UNIQUE (source_id, jira_id)) STRICT;
        CREATE TABLE permission_grant (
            scheme_id INTEGER NOT NULL, permission TEXT NOT NULL, holder_type TEXT NOT NULL, holder_parameter TEXT
        ) STRICT;
        CREATE INDEX permission_grant_scheme ON permission_grant (scheme_id);

        CREATE TABLE security_level (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, jira_id TEXT NOT NULL, scheme TEXT,
            name TEXT NOT NULL, members_known INTEGER NOT NULL, UNIQUE (source_id, jira_id)) STRICT;
        CREATE TABLE security_level_member (
            level_id INTEGER NOT NULL, holder_type TEXT NOT NULL, holder_parameter TEXT) STRICT;
        CREATE INDEX security_level_member_level ON security_level_member (level_id);

        CREATE TABLE principal (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
            UNIQUE (source_id, kind, value)) STRICT;
        CREATE TABLE acl (
            id INTEGER PRIMARY KEY AUTOINCREMENT, source_id INTEGER NOT NULL, key BLOB NOT NULL, project_id INTEGER,
            browse BLOB, level BLOB, visibility BLOB, UNIQUE (source_id, key)) STRICT;
        """

    private static let step001Issues = """
        CREATE TABLE catalogue (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, kind TEXT NOT NULL, jira_id TEXT NOT NULL,
            name TEXT NOT NULL, data TEXT, UNIQUE (source_id, kind, jira_id)) STRICT;

        CREATE TABLE issue (
            id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, jira_id INTEGER NOT NULL, key TEXT NOT NULL,
            project_id INTEGER NOT NULL, type_id INTEGER NOT NULL, status_id INTEGER NOT NULL, priority_id INTEGER,
            resolution_id INTEGER, assignee_id INTEGER, reporter_id INTEGER, creator_id INTEGER, level_id INTEGER,
            parent_jira_id INTEGER, created INTEGER NOT NULL, updated INTEGER NOT NULL, resolved INTEGER, due INTEGER,
            acl_id INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'live', summary TEXT NOT NULL, rank TEXT,
            fetched INTEGER NOT NULL, raw_hash INTEGER NOT NULL, UNIQUE (source_id, jira_id)) STRICT;
        CREATE INDEX issue_updated ON issue (updated);
        CREATE TABLE issue_key (
            source_id INTEGER NOT NULL, key TEXT NOT NULL, issue_id INTEGER NOT NULL, former INTEGER NOT NULL,
            PRIMARY KEY (source_id, key)) STRICT, WITHOUT ROWID;
        CREATE INDEX issue_key_former ON issue_key (issue_id) WHERE former = 1;
        CREATE TABLE issue_value (
            issue_id INTEGER NOT NULL, kind INTEGER NOT NULL, catalogue_id INTEGER NOT NULL,
            PRIMARY KEY (issue_id, kind, catalogue_id)) STRICT, WITHOUT ROWID;
        CREATE INDEX issue_value_reverse ON issue_value (catalogue_id, kind);
        CREATE TABLE issue_link (
            issue_id INTEGER NOT NULL, linktype_id INTEGER NOT NULL, direction INTEGER NOT NULL,
            other_jira_id INTEGER NOT NULL, other_key TEXT NOT NULL,
            PRIMARY KEY (issue_id, linktype_id, direction, other_jira_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE issue_raw (
            issue_id INTEGER PRIMARY KEY, dictionary_id INTEGER, body BLOB NOT NULL) STRICT;
        CREATE INDEX issue_raw_plain ON issue_raw (issue_id) WHERE dictionary_id IS NULL;
        CREATE TABLE comment (
            issue_id INTEGER NOT NULL, jira_id TEXT NOT NULL, author_id INTEGER, created INTEGER NOT NULL,
            updated INTEGER NOT NULL, internal INTEGER NOT NULL, acl_id INTEGER NOT NULL,
            PRIMARY KEY (issue_id, jira_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE worklog (
            issue_id INTEGER NOT NULL, jira_id TEXT NOT NULL, author_id INTEGER, started INTEGER NOT NULL,
            seconds INTEGER NOT NULL, acl_id INTEGER NOT NULL, PRIMARY KEY (issue_id, jira_id)) STRICT, WITHOUT ROWID;
        CREATE TABLE attachment (
            issue_id INTEGER NOT NULL, jira_id TEXT NOT NULL, filename TEXT NOT NULL, mime_type TEXT NOT NULL,
            size INTEGER NOT NULL, author_id INTEGER, created INTEGER NOT NULL, url TEXT NOT NULL,
            acl_id INTEGER NOT NULL, text_state INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (issue_id, jira_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attachment_pending ON attachment (issue_id) WHERE text_state = 0;
        CREATE TABLE attachment_text (
            id INTEGER PRIMARY KEY, issue_id INTEGER NOT NULL, jira_id TEXT NOT NULL, text BLOB, problem TEXT,
            UNIQUE (issue_id, jira_id)) STRICT;
        CREATE TABLE tombstone (
            source_id INTEGER NOT NULL, jira_id INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (source_id, jira_id)) STRICT, WITHOUT ROWID;
        """
}
