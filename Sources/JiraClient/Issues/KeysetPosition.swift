import FastJSON
import IssueModel

/// A walk over Data Center's issues by the time they are ordered by, instead of by `startAt`.
///
/// `startAt` counts rows of an order that moves under us: rows that leave make the next page skip issues. A time does
/// not move. But JQL knows only minutes, so a page begins with the whole minute in which the last one ended; what was
/// already given is left out by id, and `startAt` is used only inside that minute, with one row of overlap that shows
/// whether rows have moved.
struct KeysetPosition: Hashable, Sendable {
    var isAscending: Bool
    /// The minute the last page ended in.
    var minute: Timestamp
    /// Issues of that minute already given.
    var seen: [IssueID] = []
    var startAt = 0
    /// The row expected first: the last of the page before. `nil` where nothing is expected.
    var expected: IssueID?
    /// Restarts of the minute because rows had moved.
    var restarts = 0

    static let mostRestarts = 5
    /// Beyond this many issues in one minute an issue may be given twice, which does no harm.
    static let mostSeen = 50_000

    struct Row: Hashable, Sendable {
        var id: IssueID
        var time: Timestamp
    }

    struct Step: Hashable, Sendable {
        /// Which rows of the page are new.
        var fresh: [Bool]
        var next: KeysetPosition?
    }

    /// The first position after a page that began the walk.
    static func following(firstPage rows: [Row], total: Int, isAscending: Bool) -> Step {
        guard let last = rows.last, rows.count < total else {
            return Step(fresh: rows.map { _ in true }, next: nil)
        }
        var next = KeysetPosition(isAscending: isAscending, minute: last.time.flooredToMinute)
        next.note(rows)
        next.expectLast(of: rows, startAt: next.seen.count - 1)
        return Step(fresh: rows.map { _ in true }, next: next)
    }

    /// What `rows`, the answer for this position, brought, and where to go on.
    func following(_ rows: [Row], total: Int) -> Step {
        if startAt > 0, restarts < Self.mostRestarts, rows.first?.id != expected, expected != nil {
            var again = self
            (again.startAt, again.expected, again.restarts) = (0, nil, restarts + 1)
            return Step(fresh: rows.map { _ in false }, next: again)
        }
        let known = Set(seen)
        let fresh = rows.map { !known.contains($0.id) && !isBehind($0.time) }
        guard let last = rows.last, startAt + rows.count < total else { return Step(fresh: fresh, next: nil) }
        var next = self
        let minute = last.time.flooredToMinute
        if isAscending ? minute > self.minute : minute < self.minute {
            (next.minute, next.seen, next.restarts) = (minute, [], 0)
            next.note(rows)
            next.expectLast(of: rows, startAt: next.seen.count - 1)
        } else {
            next.note(rows)
            next.expectLast(of: rows, startAt: startAt + rows.count - 1)
        }
        return Step(fresh: fresh, next: next)
    }

    /// The JQL clause that begins with this position's minute.
    func clause(_ field: IssueQuery.Order.Field, _ zone: JQLZone) -> String {
        isAscending
            ? "\(field.rawValue) >= \(zone.literal(atOrBefore: minute))"
            : "\(field.rawValue) < \(zone.literal(after: minute))"
    }

    /// Given before this minute was reached. Such rows come back where the clause had to reach further.
    private func isBehind(_ time: Timestamp) -> Bool {
        isAscending ? time < minute : time.flooredToMinute > minute
    }

    private mutating func note(_ rows: [Row]) {
        let known = Set(seen)
        seen += rows.filter { $0.time.flooredToMinute == minute && !known.contains($0.id) }.map(\.id)
        if seen.count > Self.mostSeen { seen.removeFirst(seen.count - Self.mostSeen) }
    }

    private mutating func expectLast(of rows: [Row], startAt: Int) {
        // With a single row the overlap would keep us where we are.
        if rows.count > 1 || self.startAt != startAt {
            (self.startAt, expected) = (max(0, startAt), rows.last?.id)
        } else {
            (self.startAt, expected) = (startAt + 1, nil)
        }
    }

    var json: String {
        var json = JSONWriter()
        json.object {
            $0.member("ascending", isAscending)
            $0.member("minute", Int(minute.rawValue))
            $0.key("seen")
            $0.array { list in for id in seen { list.integer(id.rawValue) } }
            $0.member("startAt", startAt)
            $0.member("expected", expected.map { Int($0.rawValue) })
            $0.member("restarts", restarts)
        }
        return json.text
    }

    init(isAscending: Bool, minute: Timestamp) {
        self.isAscending = isAscending
        self.minute = minute
    }

    init?(_ json: JSONValue) {
        guard let isAscending = json["ascending"]?.bool, let minute = json["minute"]?.integer else { return nil }
        self.init(isAscending: isAscending, minute: Timestamp(milliseconds: Int64(minute)))
        seen = json["seen"]?.array?.compactMap { $0.integer.map { IssueID(Int64($0)) } } ?? []
        startAt = json["startAt"]?.integer ?? 0
        expected = json["expected"]?.integer.map { IssueID(Int64($0)) }
        restarts = json["restarts"]?.integer ?? 0
    }
}
