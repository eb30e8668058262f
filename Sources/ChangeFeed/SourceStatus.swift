internal import AccessControl
internal import Database
internal import FastJSON
internal import IssueModel
internal import Journal
internal import Reading
internal import Store

/// How one source is kept in step, as event streams tell it.
struct SourceStatus: Hashable, Sendable {
    let id: Int64
    /// Whether every member may know of it, linked to an account there or not.
    let isOpen: Bool
    /// For members: how many issues are read would tell of some that they may not see.
    let short: [UInt8]
    /// For admins: with counts.
    let full: [UInt8]

    /// Every source that is not removed.
    static func all(now: Timestamp, in connection: Connection) throws -> [SourceStatus] {
        try SourceRecords.all(in: connection, includingRemoved: false).map { source in
            try SourceStatus(source, now: now, in: connection)
        }
    }

    private init(_ source: Source, now: Timestamp, in connection: Connection) throws {
        id = source.id
        isOpen = source.accessMode == .public || source.accessMode == .shared
        let freshness = try SourceFreshness(of: source, now: now, in: connection)
        let work = try SourceLeases.holding(of: source.id, now: now, in: connection)
        func bytes(_ details: (inout JSONWriter) -> Void) -> [UInt8] {
            var json = JSONWriter()
            json.object { json in
                json.member("source", source.name)
                json.member("state", freshness.state.rawValue)
                json.member("asOf", freshness.asOf?.rfc3339)
                json.member("job", work?.job)
                details(&json)
            }
            return json.bytes
        }
        short = bytes { _ in }
        full = bytes { json in
            json.member("pending", freshness.pending)
            json.member("nextRun", freshness.next?.at.rfc3339)
            json.member("cause", freshness.cause?.code)
            if let progress = work?.progress, progress != "{}" {
                json.key("progress")
                json.raw(progress)
            }
        }
    }

    func isShown(to reader: Reader) -> Bool {
        switch reader.identity(inSource: id) {
        case .operator, .account: true
        case .anonymous, .unlinked: isOpen
        }
    }
}
