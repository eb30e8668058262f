internal import Database
internal import IssueModel
internal import Store

/// Time that passes with the wall clock but never goes back, and goes on where a clock that jumped stands.
///
/// Each step forward of the wall clock is added up, each step back counts as none. So nothing that has expired becomes
/// valid when a clock is set back; and after a jump forth and back again, time still passes. What a clock did while
/// nobody looked, nobody knows.
enum SteadyTime {
    /// The longest time between two notes of it, in milliseconds.
    static let noteInterval: Int64 = 60_000

    /// A moment by both clocks.
    struct Moment: Hashable, Sendable {
        var steady: Int64
        var wall: Timestamp
        /// Whether it is time to note it; always so where the wall clock went back.
        var isNoteDue: Bool
    }

    /// The moment at which the wall clock shows `wall`, going by the last note.
    static func moment(at wall: Timestamp, in connection: Connection) throws -> Moment {
        let note = try connection.first("SELECT steady, wall FROM steady_clock") {
            (steady: $0.int64(0), wall: $0.int64(1))
        }
        guard let note else { return Moment(steady: wall.rawValue, wall: wall, isNoteDue: true) }
        let step = wall.rawValue - note.wall
        return Moment(
            steady: note.steady + max(0, step), wall: wall, isNoteDue: step < 0 || step >= noteInterval)
    }

    /// Notes the moment of this transaction and returns it.
    @discardableResult
    static func note(in context: WriteContext) throws -> Moment {
        var moment = try moment(at: context.now, in: context.connection)
        moment.isNoteDue = false
        try context.connection.execute(
            """
            INSERT INTO steady_clock (id, steady, wall) VALUES (1, ?, ?)
            ON CONFLICT (id) DO UPDATE SET steady = excluded.steady, wall = excluded.wall
            """, moment.steady, moment.wall.rawValue)
        return moment
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
