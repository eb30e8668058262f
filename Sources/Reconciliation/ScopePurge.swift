import Database
import IssueModel
import Journal
import SearchIndex
import Store

/// Destroys what is out of a source's scope, so that nothing of it can be read from the disk.
struct ScopePurge: Sendable {
    let store: Store
    let source: Int64

    /// Issues of one transaction.
    private static let batch = 200

    /// Removes issues with everything that is kept of them: no grave, no tombstone.
    ///
    /// - Parameter readBefore: One that was read since stays: it may have come into scope meanwhile.
    func remove(_ issues: [IssueID], readBefore: Timestamp) async throws -> Int {
        var removed = 0
        for batch in issues.batches(of: Self.batch) {
            removed += try await store.write { context in
                let stamps = try IssueRecords.stamps(of: batch, source: source, in: context.connection)
                let gone = batch.filter { id in stamps[id].map { $0.fetched <= readBefore } ?? false }
                try remove(gone, in: context)
                return gone.count
            }
        }
        return removed
    }

    /// Removes a project with its issues, graves, and everything known of it.
    func remove(project: EntityID) async throws -> Int {
        let source = source
        guard
            let row = try await store.read({ try ProjectRecords.find(project, source: source, in: $0)?.id })
        else { return 0 }
        var removed = 0
        while true {
            let count = try await store.write { context in
                let issues = try context.connection.rows(
                    "SELECT jira_id FROM issue WHERE source_id = ? AND project_id = ? LIMIT ?", source, row,
                    Self.batch
                ) { IssueID($0.int64(0)) }
                try remove(issues, in: context)
                return issues.count
            }
            removed += count
            if count == 0 { break }
            try Task.checkCancellation()
        }
        try await store.write { context in
            let connection = context.connection
            try GraveKeeper.noteRemains(of: source, in: context)
            try connection.execute("DELETE FROM grave WHERE source_id = ? AND project_id = ?", source, row)
            for table in ["role_actor", "project_key"] {
                try connection.execute("DELETE FROM \(table) WHERE project_id = ?", row)
            }
            try connection.execute("DELETE FROM project WHERE id = ?", row)
            try connection.execute(
                "DELETE FROM access_fact WHERE source_id = ? AND kind IN ('project', 'role_names') AND ref = ?", source,
                project.rawValue)
            try AbsentProjects.forget(project, source: source, in: context)
            context.noteAccessChange()
        }
        return removed
    }

    private func remove(_ issues: [IssueID], in context: WriteContext) throws {
        let connection = context.connection
        // Whoever is stopped before the end leaves word of it.
        if !issues.isEmpty { try GraveKeeper.noteRemains(of: source, in: context) }
        for issue in issues {
            let id = try IssueRecords.remove(issue, because: .outOfScope, at: context.now, source: source, in: context)
            if let id { try SearchIndexWriter.remove(issue: id, in: connection) }
            try Quarantine.release(kind: "issue", ref: "\(issue)", source: source, in: context)
            for table in ["tombstone", "pending_issue", "withheld", "absence", "grave"] {
                try connection.execute(
                    "DELETE FROM \(table) WHERE source_id = ? AND jira_id = ?", source, issue.rawValue)
            }
            try connection.execute(
                "DELETE FROM access_finding WHERE source_id = ? AND issue = ?", source, issue.rawValue)
        }
    }

    /// Leaves nothing of what was removed on the disk: graves of issues that the rules above did not see, names that nothing
    /// uses, the dictionary of the copies, words in the index, freed pages and the log.
    func destroy() async throws {
        let source = source
        try await store.write { context in
            try context.connection.execute(
                """
                DELETE FROM catalogue WHERE source_id = ?1 AND kind IN ('label', 'component', 'version', 'sprint')
                    AND NOT EXISTS (SELECT 1 FROM issue_value WHERE catalogue_id = catalogue.id)
                """, source)
        }
        try await GraveKeeper.destroy(in: store, source: source)
    }
}
