internal import Database
internal import IssueModel

/// Writes the rows of one issue with prepared statements.
struct IssueWriter {
    let context: WriteContext
    let source: Int64

    init(context: WriteContext, source: Int64) {
        self.context = context
        self.source = source
    }

    private var connection: Connection { context.connection }

    private static let insert = """
        INSERT INTO issue (source_id, jira_id, key, project_id, type_id, status_id, priority_id, resolution_id,
            assignee_id, reporter_id, creator_id, level_id, parent_jira_id, created, updated, resolved, due, acl_id,
            summary, rank, fetched, raw_hash, state)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
            'live')
        """

    private static let update = """
        UPDATE issue SET key = ?3, project_id = ?4, type_id = ?5, status_id = ?6, priority_id = ?7, resolution_id = ?8,
            assignee_id = ?9, reporter_id = ?10, creator_id = ?11, level_id = ?12, parent_jira_id = ?13, created = ?14,
            updated = ?15, resolved = ?16, due = ?17, acl_id = ?18, summary = ?19, rank = ?20, fetched = ?21,
            raw_hash = ?22, state = 'live' WHERE source_id = ?1 AND jira_id = ?2
        """

    /// Writes the issue's own row and its packed copy.
    mutating func writeIssue(
        _ issue: Issue, raw: PackedRaw, acl: Int64, fetched: Timestamp, known: Int64?
    ) throws -> Int64 {
        let statement = try connection.statement(known == nil ? Self.insert : Self.update)
        statement.bind(1, source)
        statement.bind(2, issue.id.rawValue)
        statement.bind(3, issue.key.description)
        statement.bind(4, try project(issue))
        statement.bind(5, try CatalogueRecords.store(issue.type, source: source, in: context))
        statement.bind(6, try CatalogueRecords.store(issue.status, source: source, in: context))
        statement.bind(7, try catalogue(.priority, issue.priority))
        statement.bind(8, try catalogue(.resolution, issue.resolution))
        statement.bind(9, try account(issue.assignee))
        statement.bind(10, try account(issue.reporter))
        statement.bind(11, try account(issue.creator))
        statement.bind(12, try level(issue.securityLevel))
        statement.bind(13, issue.parent?.id.rawValue)
        statement.bind(14, issue.created.rawValue)
        statement.bind(15, issue.updated.rawValue)
        statement.bind(16, issue.resolved?.rawValue)
        statement.bind(17, issue.due.map { Int64($0.daysSinceEpoch) })
        statement.bind(18, acl)
        statement.bind(19, issue.summary)
        statement.bind(20, issue.rank)
        statement.bind(21, fetched.rawValue)
        statement.bind(22, raw.fingerprint)
        try statement.run()
        let id = known ?? connection.lastInsertedID
        let copy = try connection.statement(
            "INSERT OR REPLACE INTO issue_raw (issue_id, dictionary_id, body) VALUES (?, ?, ?)")
        copy.bind(1, id)
        copy.bind(2, raw.dictionary)
        copy.bind(3, raw.bytes)
        try copy.run()
        return id
    }

    /// Deletes the parts that are written anew. Attachments keep their row, and so their text.
    mutating func clearParts(of id: Int64) throws {
        for table in ["issue_value", "issue_link", "comment", "worklog"] {
            let statement = try connection.statement("DELETE FROM \(table) WHERE issue_id = ?")
            statement.bind(1, id)
            try statement.run()
        }
    }

    /// Writes the current key; keys it had before stay as former ones.
    mutating func writeKeys(of issue: Issue, id: Int64) throws {
        let current = issue.key.description
        let statement = try connection.statement(
            """
            INSERT INTO issue_key (source_id, key, issue_id, former) VALUES (?, ?, ?, 0)
            ON CONFLICT (source_id, key) DO UPDATE SET issue_id = excluded.issue_id, former = 0
            """)
        statement.bind(1, source)
        statement.bind(2, current)
        statement.bind(3, id)
        try statement.run()
        for change in issue.changes {
            for item in change.items where item.field == "Key" || item.fieldID == "issuekey" {
                for text in [item.fromText, item.from] {
                    guard let text, let key = IssueKey(text), key != issue.key else { continue }
                    // A key that another issue has now is that one's.
                    try connection.execute(
                        "INSERT OR IGNORE INTO issue_key (source_id, key, issue_id, former) VALUES (?, ?, ?, 1)",
                        source,
                        key.description, id)
                }
            }
        }
    }

    /// Marks the key that the stored row has as a former one, where the issue has another now.
    mutating func retireKey(of id: Int64, replacedBy key: IssueKey) throws {
        let statement = try connection.statement(
            """
            UPDATE issue_key SET former = 1 WHERE source_id = ?1 AND issue_id = ?2 AND key <> ?3
                AND key = (SELECT key FROM issue WHERE id = ?2)
            """)
        statement.bind(1, source)
        statement.bind(2, id)
        statement.bind(3, key.description)
        try statement.run()
    }

    /// Writes labels, components, versions, sprints and links.
    mutating func writeValues(of issue: Issue, id: Int64) throws {
        let statement = try connection.statement(
            "INSERT OR IGNORE INTO issue_value (issue_id, kind, catalogue_id) VALUES (?, ?, ?)")
        func add(_ kind: IssueValueKind, _ catalogue: Int64) throws {
            statement.bind(1, id)
            statement.bind(2, kind.rawValue)
            statement.bind(3, catalogue)
            try statement.run()
        }
        for label in issue.labels {
            try add(.label, CatalogueRecords.store(.label, named: label, source: source, in: context))
        }
        for component in issue.components {
            try add(.component, CatalogueRecords.store(.component, component, source: source, in: context))
        }
        for version in issue.fixVersions {
            try add(.fixVersion, CatalogueRecords.store(version, source: source, in: context))
        }
        for version in issue.affectedVersions {
            try add(.affectedVersion, CatalogueRecords.store(version, source: source, in: context))
        }
        for sprint in issue.sprints {
            try add(.sprint, CatalogueRecords.store(sprint, source: source, in: context))
        }
        if issue.links.isEmpty { return }
        let link = try connection.statement(
            """
            INSERT OR IGNORE INTO issue_link (issue_id, linktype_id, direction, other_jira_id, other_key)
            VALUES (?, ?, ?, ?, ?)
            """)
        for other in issue.links {
            link.bind(1, id)
            link.bind(2, try CatalogueRecords.store(.linkType, named: other.typeName, source: source, in: context))
            link.bind(3, Int64(other.direction == .inward ? 0 : 1))
            link.bind(4, other.other.id.rawValue)
            link.bind(5, other.other.key.description)
            try link.run()
        }
    }

    /// Writes comments, worklogs and attachments with their acls.
    mutating func writeParts(of issue: Issue, id: Int64, acls: IssueRecords.Acls) throws {
        if !issue.comments.isEmpty {
            let statement = try connection.statement(
                """
                INSERT OR REPLACE INTO comment (issue_id, jira_id, author_id, created, updated, internal, acl_id)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
            for (comment, acl) in zip(issue.comments, acls.comments) {
                statement.bind(1, id)
                statement.bind(2, comment.id.rawValue)
                statement.bind(3, try account(comment.author))
                statement.bind(4, comment.created.rawValue)
                statement.bind(5, comment.updated.rawValue)
                statement.bind(6, Int64(comment.isInternal ? 1 : 0))
                statement.bind(7, acl)
                try statement.run()
            }
        }
        if !issue.worklogs.isEmpty {
            let statement = try connection.statement(
                """
                INSERT OR REPLACE INTO worklog (issue_id, jira_id, author_id, started, seconds, acl_id)
                VALUES (?, ?, ?, ?, ?, ?)
                """)
            for (worklog, acl) in zip(issue.worklogs, acls.worklogs) {
                statement.bind(1, id)
                statement.bind(2, worklog.id.rawValue)
                statement.bind(3, try account(worklog.author))
                statement.bind(4, worklog.started.rawValue)
                statement.bind(5, worklog.seconds)
                statement.bind(6, acl)
                try statement.run()
            }
        }
        try writeAttachments(of: issue, id: id, acls: acls.attachments)
    }

    private mutating func writeAttachments(of issue: Issue, id: Int64, acls: [Int64]) throws {
        if issue.attachments.isEmpty { return }
        let statement = try connection.statement(
            """
            INSERT INTO attachment (issue_id, jira_id, filename, mime_type, size, author_id, created, url, acl_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (issue_id, jira_id) DO UPDATE SET filename = excluded.filename, mime_type = excluded.mime_type,
                size = excluded.size, author_id = excluded.author_id, created = excluded.created, url = excluded.url,
                acl_id = excluded.acl_id
            """)
        for (attachment, acl) in zip(issue.attachments, acls) {
            statement.bind(1, id)
            statement.bind(2, attachment.id.rawValue)
            statement.bind(3, attachment.filename)
            statement.bind(4, attachment.mimeType)
            statement.bind(5, attachment.size)
            statement.bind(6, try account(attachment.author))
            statement.bind(7, attachment.created.rawValue)
            statement.bind(8, attachment.contentURL)
            statement.bind(9, acl)
            try statement.run()
        }
    }

    /// Deletes attachments that the issue no longer has, with their text.
    mutating func dropAttachments(of id: Int64, notIn attachments: [Attachment]) throws {
        let stored = try connection.rows("SELECT jira_id FROM attachment WHERE issue_id = ?", id) { $0.text(0) }
        if stored.isEmpty { return }
        let wanted = Set(attachments.map(\.id.rawValue))
        for jiraID in stored where !wanted.contains(jiraID) {
            try connection.execute("DELETE FROM attachment WHERE issue_id = ? AND jira_id = ?", id, jiraID)
            try connection.execute("DELETE FROM attachment_text WHERE issue_id = ? AND jira_id = ?", id, jiraID)
        }
    }

    mutating func dropTombstone(of issue: IssueID) throws {
        let statement = try connection.statement("DELETE FROM tombstone WHERE source_id = ? AND jira_id = ?")
        statement.bind(1, source)
        statement.bind(2, issue.rawValue)
        try statement.run()
    }

    private func account(_ account: Account?) throws -> Int64? {
        try account.map { try PeopleRecords.intern($0, source: source, in: context) }
    }

    private func catalogue(_ kind: CatalogueKind, _ entity: Entity?) throws -> Int64? {
        try entity.map { try CatalogueRecords.store(kind, $0, source: source, in: context) }
    }

    /// Our id of the issue's project; one that was not listed is added hidden, as its rules are not known.
    private func project(_ issue: Issue) throws -> Int64 {
        let key = InternedIDs.SourceKey(source: source, value: issue.project.id.rawValue)
        if let known = context.interned.projects[key] { return known }
        let found = try ProjectRecords.find(issue.project.id, source: source, in: connection)?.id
        let id =
            try found
            ?? ProjectRecords.store(
                Project(id: issue.project.id, key: issue.projectKey, name: issue.project.name), source: source,
                in: context)
        context.interned.projects.remember(id, for: key)
        return id
    }

    /// Our id of the issue's security level; one that was not listed is added with its members unknown.
    private func level(_ level: Entity?) throws -> Int64? {
        guard let level else { return nil }
        let key = InternedIDs.SourceKey(source: source, value: level.id.rawValue)
        if let known = context.interned.levels[key] { return known }
        if try AccessRecords.levelRow(level.id, source: source, in: connection) == nil {
            try connection.execute(
                "INSERT INTO security_level (source_id, jira_id, name, members_known) VALUES (?, ?, ?, 0)", source,
                level.id.rawValue, level.name)
            // Its members may have been declared before any issue with it was met.
            if try DeclaredLevels.contains(level.id, source: source, in: connection) {
                context.noteAccessChange()
                try AccessRecords.recompute(source: source, in: context)
            }
        }
        guard let id = try AccessRecords.levelRow(level.id, source: source, in: connection) else {
            throw StoreError(.damaged, "A security level has no row")
        }
        context.interned.levels.remember(id, for: key)
        return id
    }
}
