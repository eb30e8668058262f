internal import Database

extension SourceRecords {
    /// Tables whose rows belong to an issue.
    static let issueTables = [
        "issue_key", "issue_value", "issue_link", "issue_raw", "comment", "worklog", "attachment", "attachment_text",
    ]

    /// Deletes every row of a source, its own included. The freed pages are not overwritten: use `Store.purge`.
    public static func purge(_ id: Int64, in context: WriteContext) throws {
        let connection = context.connection
        for table in issueTables {
            try connection.execute(
                "DELETE FROM \(table) WHERE issue_id IN (SELECT id FROM issue WHERE source_id = ?)", id)
        }
        let children = [
            ("membership", "group_id", "person_group"), ("subgroup", "parent_id", "person_group"),
            ("application_role_group", "role_id", "application_role"), ("role_actor", "project_id", "project"),
            ("permission_grant", "scheme_id", "permission_scheme"),
            ("security_level_member", "level_id", "security_level"),
        ]
        for (table, column, parent) in children {
            try connection.execute(
                "DELETE FROM \(table) WHERE \(column) IN (SELECT id FROM \(parent) WHERE source_id = ?)", id)
        }
        let owned = [
            "issue", "tombstone", "catalogue", "acl", "principal", "security_level", "permission_scheme", "project_key",
            "project", "application_role", "person_group", "account", "dictionary", "checkpoint", "quarantine",
            "sync_run", "access_fact", "declared_level", "listing", "withheld", "access_audit", "access_finding",
            "pending_issue", "absence", "grave", "census_run", "source_lease", "request", "webhook",
        ]
        for table in owned { try connection.execute("DELETE FROM \(table) WHERE source_id = ?", id) }
        try connection.execute("DELETE FROM source WHERE id = ?", id)
        context.interned.forget()
        context.noteAccessChange()
        context.noteContentChange()
    }
}
