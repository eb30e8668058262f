internal import IssueModel
public import Database
internal import FastJSON
public import Journal
public import Reconciliation
public import Store

/// What of a source left Jira, and what of it is kept.
public struct DeletionReport: Sendable {
    public let source: Source
    public let policy: DeletionPolicy
    public let outOfSight: Int
    public let archived: Int
    public let held: Int
    public let kept: Int
    public let graves: [Graves.Entry]

    public init(of source: Source, in connection: Connection) throws {
        func count(_ state: IssueRecords.State) throws -> Int {
            try connection.first(
                "SELECT count(*) FROM issue WHERE source_id = ? AND state = ?", source.id, state.rawValue
            ) { $0.int(0) } ?? 0
        }
        self.source = source
        policy = try DeletionPolicy.of(source: source.id, in: connection)
        outOfSight = try count(.unseen)
        archived = try count(.archived)
        held = try HeldDeletions(source: source.id, in: connection).total
        kept = try Graves.count(source: source.id, in: connection).all
        graves = try Graves.entries(source: source.id, limit: 20, in: connection)
    }

    public var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", source.name)
            json.member("graceDays", policy.graceDays)
            json.member("outOfSight", outOfSight)
            json.member("archived", archived)
            json.member("waiting", held)
            json.member("removedKept", kept)
            json.key("latest")
            json.array { json in
                for grave in graves {
                    json.object { json in
                        json.member("key", grave.key)
                        json.member("reason", grave.reason.rawValue)
                        json.member("removed", grave.at.rfc3339)
                        json.member("destroyed", grave.purge.rfc3339)
                    }
                }
            }
        }
        return json.bytes
    }
}
