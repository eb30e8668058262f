import FastJSON
import IssueModel
import Journal
import Reconciliation
import Store

extension SyncCheckpoint {
    /// Whether the issues were read within this scope, so far as it narrows projects.
    func isOf(_ scope: Source.Scope) -> Bool {
        // Earlier versions kept the scope's JQL as it was written.
        jql == scope.restriction || (jql != nil && jql == scope.jql && scope.since == nil && scope.types.isEmpty)
    }

    /// Goes on under another restriction, where what it adds is read by other means: what is covered stays so.
    ///
    /// Cursors belong to the query they were given for; a first read under way lists again, and leaves out what it has
    /// stored.
    mutating func follow(_ restriction: String?) {
        jql = restriction
        guard let lanes = backfill?.lanes else { return }
        for index in lanes.indices where !lanes[index].isDone { backfill?.lanes[index].after = nil }
    }

    /// Does the same with what is stored.
    static func follow(
        _ restriction: String?, phase: String, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        let stored = try Checkpoints.data(phase, source: source, in: context.connection)
        guard let json = try stored.map({ try JSONValue(parsing: $0) }), var checkpoint = SyncCheckpoint(json: json)
        else { return }
        checkpoint.follow(restriction)
        let text = String(decoding: checkpoint.json.serialized(), as: UTF8.self)
        try Checkpoints.advance(phase, to: text, at: now, source: source, in: context)
    }
}
