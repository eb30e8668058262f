public import Database
public import FastJSON
public import IssueModel
import Journal
public import Store

/// How far behind Jira an answer may be.
public struct Freshness: Hashable, Sendable {
    /// Everything that Jira knew at this moment is in the answer: the start of the last synchronisation that ended well,
    /// of the source that is furthest behind. `nil` while some source was never read completely.
    public var asOf: Timestamp?
    /// The state of the source that is worst off.
    public var state: State
    /// Seconds since ``asOf``; 0 without one.
    public var lagSeconds: Int64
    /// Each source that the answer is from.
    public var sources: [SourceFreshness]

    /// From best to worst.
    public enum State: String, Hashable, Sendable, CaseIterable, Comparable {
        /// Webhooks tell of changes as they happen, and what they told of is read.
        case live
        /// Synchronised within ``Freshness/patience``, or three times the source's own interval where that is longer.
        case polling
        /// Synchronised longer ago than that, or changes that were told of wait for as long.
        case behind
        /// The first full read is under way or was broken off: issues are missing.
        case partial
        /// A failure or a person keeps some source from being synchronised, or there is no source.
        case stopped

        public static func < (left: Self, right: Self) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// Seconds that may pass since a synchronisation before answers count as behind.
    public static let patience: Int64 = 900

    /// Looks at how `sources` are kept in step.
    public init(of sources: [Source], now: Timestamp, in connection: Connection) throws {
        self.sources = try sources.map { try SourceFreshness(of: $0, now: now, in: connection) }
        let moments = self.sources.map(\.asOf)
        asOf = moments.contains(nil) ? nil : moments.compactMap(\.self).min()
        lagSeconds = asOf.map { max(0, (now.rawValue - $0.rawValue) / 1_000) } ?? 0
        state = self.sources.map(\.state).max() ?? .stopped
    }

    /// Writes it as one object.
    ///
    /// - Parameter details: Adds each source with what waits there: for those who see everything. How many changes wait says
    ///   something of issues that not everybody sees.
    public func write(to writer: inout JSONWriter, details: Bool) {
        writer.object { json in
            json.member("state", state.rawValue)
            json.member("lagSeconds", Int(lagSeconds))
            json.member("lastDelta", asOf?.rfc3339)
            let censuses = sources.map(\.lastCensus)
            json.member(
                "lastCensus", censuses.contains(nil) ? nil : censuses.compactMap(\.self).min()?.rfc3339)
            json.member("nextRun", sources.compactMap { $0.next?.at }.min()?.rfc3339)
            if let cause { json.member("cause", cause) }
            guard details else { return }
            json.member("pendingEvents", sources.reduce(0) { $0 + $1.pending })
            json.key("sources")
            json.array { json in sources.forEach { $0.write(to: &json) } }
        }
    }

    /// The code of what keeps the source that is worst off from being in step; `nil` where all is well.
    public var cause: String? {
        state < .behind ? nil : sources.filter { $0.cause != nil }.max { $0.state < $1.state }?.cause?.code
    }
}
