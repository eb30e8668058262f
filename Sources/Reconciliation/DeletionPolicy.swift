public import Database
public import IssueModel
public import Store

/// How sure a deletion must be, how many may pass at once, and how long copies of what was removed are kept.
public struct DeletionPolicy: Hashable, Sendable {
    /// Days for which copies of deleted issues, and issues that went out of sight, are kept. Defaults to 30.
    public var graceDays = 30
    /// Two questions count as two only when they are so far apart, in milliseconds. Defaults to ten minutes.
    public var spacing: Int64 = 600_000
    /// How often Jira must have said by id that an issue is not there, without any other sign. Defaults to 2.
    public var confirmations = 2
    /// The most issues that are removed at once without asking. Defaults to 100.
    public var mostAtOnce = 100
    /// The same as a share of what is stored of the source. Defaults to 2 %.
    public var largestShare = 0.02
    /// As many may always go: of a handful of issues one is more than any share. Defaults to 10.
    public var alwaysAllowed = 10

    public init() {}

    /// The days that a grace period may have.
    public static let graceRange = 0...3_650

    /// Issues that may be removed at once of a source that has `stored`.
    public func limit(ofStored stored: Int) -> Int {
        min(mostAtOnce, max(alwaysAllowed, Int((Double(stored) * largestShare).rounded(.down))))
    }

    var grace: Int64 { Int64(graceDays) * 86_400_000 }

    /// When what is removed at `now` is destroyed.
    public func purge(ofRemovedAt now: Timestamp) -> Timestamp { Timestamp(milliseconds: now.rawValue + grace) }

    /// The policy of a source: the default but for its own grace period.
    public static func of(source: Int64, in connection: Connection) throws -> DeletionPolicy {
        var policy = DeletionPolicy()
        let days = try Settings.value(setting(source), in: connection).flatMap { Int($0) }
        if let days, graceRange.contains(days) { policy.graceDays = days }
        return policy
    }

    /// Gives a source a grace period of its own. Copies that are kept already are destroyed by it too.
    ///
    /// - Throws: `StoreError` with code `tooLarge` for a number of days outside of ``graceRange``.
    public static func setGrace(days: Int, source: Int64, in context: WriteContext) throws {
        guard graceRange.contains(days) else {
            throw StoreError(.tooLarge, "A grace period has \(graceRange.lowerBound) to \(graceRange.upperBound) days")
        }
        try Settings.set(setting(source), String(days), in: context)
        try context.connection.execute(
            "UPDATE grave SET purge = at + ? WHERE source_id = ? AND reason <> ?", Int64(days) * 86_400_000, source,
            IssueRecords.Removal.lostSight.rawValue)
    }

    private static func setting(_ source: Int64) -> String { "deletion_grace.\(source)" }
}
