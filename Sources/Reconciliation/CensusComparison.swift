import Database
import IssueModel
import Store

/// A complete listing of ids laid beside the stored ones.
struct CensusComparison: Hashable, Sendable {
    /// Listed, and not stored or not shown any more.
    var unknown: [IssueID] = []
    /// Stored of the projects listed, and not in the listing.
    var absent: [Absent] = []

    struct Absent: Hashable, Sendable {
        var issue: IssueID
        var state: IssueRecords.State
        /// Changed so long ago that search cannot be merely behind.
        var isSettled: Bool
    }

    /// What a stored issue looks like to a census.
    struct Stored: Hashable, Sendable {
        var issue: Int64
        /// Whether its project is one of those listed.
        var isOfListed: Bool
        var state: IssueRecords.State
        var fetched: Timestamp
        var updated: Timestamp
    }

    /// Milliseconds after which no search index is behind.
    static let settledAfter: Int64 = 86_400_000

    private let listed: [Int64]
    private let began: Timestamp
    private var position = 0

    /// - Parameters:
    ///   - listed: In ascending order, each once.
    ///   - began: Before the listing: what was read since is in the listing or not by chance.
    init(listed: [Int64], began: Timestamp) {
        self.listed = listed
        self.began = began
    }

    /// Takes the next stored issue, in ascending order of ids.
    mutating func take(_ stored: Stored) {
        while position < listed.count, listed[position] < stored.issue {
            unknown.append(IssueID(listed[position]))
            position += 1
        }
        if position < listed.count, listed[position] == stored.issue {
            position += 1
            if stored.state != .live { unknown.append(IssueID(stored.issue)) }
        } else if stored.isOfListed, stored.fetched <= began {
            absent.append(
                Absent(
                    issue: IssueID(stored.issue), state: stored.state,
                    isSettled: began.rawValue - stored.updated.rawValue > Self.settledAfter))
        }
    }

    /// Takes the end of the stored issues.
    mutating func end() {
        unknown += listed[position...].map { IssueID($0) }
        position = listed.count
    }

    /// Lays a listing beside everything stored of a source, in one pass whatever its size.
    static func compare(
        _ listed: [Int64], projects: Set<Int64>, began: Timestamp, source: Int64, in connection: Connection
    ) throws -> CensusComparison {
        var comparison = CensusComparison(listed: listed, began: began)
        try connection.forEach(
            "SELECT jira_id, project_id, state, fetched, updated FROM issue WHERE source_id = ? ORDER BY jira_id",
            source
        ) { row in
            comparison.take(
                Stored(
                    issue: row.int64(0), isOfListed: projects.contains(row.int64(1)),
                    state: IssueRecords.State(rawValue: row.text(2)) ?? .unseen,
                    fetched: Timestamp(milliseconds: row.int64(3)), updated: Timestamp(milliseconds: row.int64(4))))
        }
        comparison.end()
        return comparison
    }
}
