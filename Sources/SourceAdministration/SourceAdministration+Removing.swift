public import AuditTrail
internal import Database
public import FastJSON
internal import Journal
internal import SearchIndex
internal import Store
internal import Webhooks
internal import Workspace

/// What goes when a source goes: to be looked at first.
public struct RemovalCounts: Hashable, Sendable {
    public var issues: Int
    public var comments: Int
    public var worklogs: Int
    public var attachments: Int
    /// Members linked to an account by a token or by hand.
    public var links: Int
    /// Members' own credentials.
    public var credentials: Int

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("issues", issues)
            json.member("comments", comments)
            json.member("worklogs", worklogs)
            json.member("attachments", attachments)
            json.member("links", links)
            json.member("credentials", credentials)
        }
    }
}

extension SourceAdministration {
    /// Counts what a source holds.
    public func removalCounts(of name: String) async throws -> RemovalCounts {
        let source = try await source(named: name).id
        return try await store.read { connection in
            func count(_ table: String) throws -> Int {
                try connection.first("SELECT count(*) FROM \(table) WHERE source_id = ?", source) { $0.int(0) } ?? 0
            }
            let counts = try IssueRecords.counts(source: source, in: connection)
            return RemovalCounts(
                issues: counts.issues, comments: counts.comments, worklogs: counts.worklogs,
                attachments: counts.attachments, links: try count("identity_link"),
                credentials: try count("personal_credential"))
        }
    }

    /// Disconnects a source: destroys its credential and those of members, and hides its content from everybody but the
    /// operator.
    ///
    /// - Parameter purge: Removes the content too, so that nothing of it stays on the disk. Whoever works on the source ends
    ///   first.
    /// - Returns: What remains to be done by hand in Jira.
    public func remove(_ name: String, purge: Bool, by origin: AuditOrigin) async throws -> [String] {
        let source = try await source(named: name)
        let remains = try await removeWebhooks(ofLeaving: source)
        let details: JSONValue = .object([.init("purge", .bool(purge))])
        try await store.write { context in
            if source.state != .removed {
                try PersonalCredentials.removeAll(source: source.id, in: context)
                try SourceRecords.remove(source.id, in: context)
            }
            try AuditTrail.append(origin.event("source.removed", subject: source.name, details: details), in: context)
        }
        guard purge else { return remains }
        try await withLease(of: source, for: "purge", patience: .seconds(60)) {
            // Members' links and credentials at the source go with its row.
            try await store.purge(source: source.id) { try SearchIndexWriter.removeAll(source: source.id, in: $0) }
        }
        return remains
    }
}
