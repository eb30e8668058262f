public import FastJSON
public import IssueModel

/// How far the issues of a source are safely stored. Written in the transaction that stores them.
///
/// A first read lists newest first and fetches in parallel, so pages finish out of order. The checkpoint therefore holds,
/// for each lane, the cursor of the oldest page that is not wholly stored; which issues of that page are stored already is
/// seen from their own rows, whose `fetched` is not before ``Backfill/started``. A restart lists that one page again and
/// fetches only what is missing.
public struct SyncCheckpoint: Hashable, Sendable {
    /// The scope's own restriction when the issues were read; another one makes the whole read necessary again.
    public var jql: String?
    /// Identities of projects whose issues have been read completely.
    public var covered: Set<EntityID> = []
    /// Everything in the covered projects that Jira changed up to this moment (Jira's clock) is stored.
    public var mark: Timestamp?
    /// The first read under way.
    public var backfill: Backfill?

    public struct Backfill: Hashable, Sendable {
        /// When it began, by our clock: issues fetched since belong to it.
        public var started: Timestamp
        /// Jira's newest time of change when it began; later changes are the next delta's.
        public var newest: Timestamp?
        public var lanes: [Lane]

        public init(started: Timestamp, newest: Timestamp?, lanes: [Lane]) {
            self.started = started
            self.newest = newest
            self.lanes = lanes
        }
    }

    /// One listing that is walked in order.
    public struct Lane: Hashable, Sendable {
        public var projects: [EntityID]
        /// The site's cursor of the oldest page not wholly stored; `nil` is the first page.
        public var after: String?
        public var isDone = false

        public init(projects: [EntityID], after: String? = nil, isDone: Bool = false) {
            self.projects = projects
            self.after = after
            self.isDone = isDone
        }
    }

    public init(jql: String? = nil) {
        self.jql = jql
    }

    /// The backfill's projects become covered, and the mark falls back to what Jira had when it began.
    mutating func finishBackfill() {
        guard let done = backfill else { return }
        covered.formUnion(done.lanes.flatMap(\.projects))
        mark = [mark, done.newest].compactMap(\.self).min()
        backfill = nil
    }
}

extension SyncCheckpoint {
    /// Reads what ``json`` writes; `nil` for anything else, and the read begins anew.
    public init?(json: JSONValue) {
        guard json["version"]?.integer == 1, let covered = json["covered"]?.array else { return nil }
        jql = json["jql"]?.string
        self.covered = Set(covered.compactMap { $0.string.map { EntityID($0) } })
        mark = json["mark"]?.integer.map { Timestamp(milliseconds: Int64($0)) }
        guard let run = json["backfill"], let started = run["started"]?.integer else { return }
        backfill = Backfill(
            started: Timestamp(milliseconds: Int64(started)),
            newest: run["newest"]?.integer.map { Timestamp(milliseconds: Int64($0)) },
            lanes: (run["lanes"]?.array ?? []).map { lane in
                Lane(
                    projects: (lane["projects"]?.array ?? []).compactMap { $0.string.map { EntityID($0) } },
                    after: lane["after"]?.string, isDone: lane["done"]?.bool ?? false)
            })
    }

    public var json: JSONValue {
        .object([
            .init("version", 1), .init("jql", jql.map { .string($0) } ?? .null),
            .init("covered", .array(covered.map(\.rawValue).sorted().map { .string($0) })),
            .init("mark", Self.moment(mark)),
            .init("backfill", backfill.map(Self.json) ?? .null),
        ])
    }

    private static func json(_ run: Backfill) -> JSONValue {
        .object([
            .init("started", moment(run.started)), .init("newest", moment(run.newest)),
            .init(
                "lanes",
                .array(
                    run.lanes.map { lane in
                        .object([
                            .init("projects", .array(lane.projects.map { .string($0.rawValue) })),
                            .init("after", lane.after.map { .string($0) } ?? .null),
                            .init("done", .bool(lane.isDone)),
                        ])
                    })),
        ])
    }

    private static func moment(_ moment: Timestamp?) -> JSONValue {
        moment.map { JSONValue(integerLiteral: $0.rawValue) } ?? .null
    }
}
