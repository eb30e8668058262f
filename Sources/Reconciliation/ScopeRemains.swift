import FastJSON
import IssueModel
import Journal
public import Store

/// What a narrower scope leaves to be destroyed.
///
/// It is stored in the transaction that changes the scope and forgotten when all of it is done, so that whoever is stopped
/// half-way goes on at the next start.
public struct ScopeRemains: Hashable, Sendable {
    var issues: [IssueID]
    var projects: [EntityID]
    /// An issue that was read since may have come into scope meanwhile, and stays.
    var readBefore: Timestamp

    static let phase = "scope_remains"

    /// Keeps it in the place of what an earlier change may have left: who plans a change counts that as stored.
    func store(at now: Timestamp, source: Int64, in context: WriteContext) throws {
        guard !issues.isEmpty || !projects.isEmpty else {
            return try Checkpoints.reset(Self.phase, source: source, in: context)
        }
        try Checkpoints.advance(Self.phase, to: json, at: now, source: source, in: context)
    }

    /// Destroys what is left of the last change of a source's scope; nothing where that came to its end.
    ///
    /// - Returns: How many issues were destroyed.
    @discardableResult
    public static func destroy(of source: Int64, in store: Store) async throws -> Int {
        let stored = try await store.read { try Checkpoints.data(phase, source: source, in: $0) }
        guard let stored else { return 0 }
        let remains = try ScopeRemains(json: stored)
        let purge = ScopePurge(store: store, source: source)
        var removed = try await purge.remove(remains.issues, readBefore: remains.readBefore)
        for project in remains.projects { removed += try await purge.remove(project: project) }
        try await purge.destroy()
        try await store.write { context in
            // Another change may have come meanwhile.
            let present = try Checkpoints.data(phase, source: source, in: context.connection)
            if present == stored { try Checkpoints.reset(phase, source: source, in: context) }
        }
        return removed
    }
}

extension ScopeRemains {
    init(json text: String) throws {
        let json = try JSONValue(parsing: text)
        guard let issues = json["issues"]?.array, let projects = json["projects"]?.array,
            let readBefore = json["before"]?.integer
        else { throw StoreError(.damaged, "What another scope leaves to be destroyed cannot be read") }
        self.init(
            issues: issues.compactMap { $0.integer.map { IssueID(Int64($0)) } },
            projects: projects.compactMap { $0.string.map { EntityID($0) } },
            readBefore: Timestamp(milliseconds: Int64(readBefore)))
    }

    var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("before", Int(readBefore.rawValue))
            writer.key("issues")
            writer.array { writer in
                for issue in issues { writer.integer(Int(issue.rawValue)) }
            }
            writer.key("projects")
            writer.array { writer in
                for project in projects { writer.string(project.rawValue) }
            }
        }
        return writer.text
    }
}
