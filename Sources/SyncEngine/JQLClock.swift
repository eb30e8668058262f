import Foundation
public import IssueModel

/// Writes moments as JQL's date literals, which have minutes, no zone, and mean the querying account's local time.
///
/// Around a change to or from summer time a literal can mean either of two moments. The literal is therefore written
/// with the smaller of the offsets in force near that day: whichever Jira takes, it is never later than the moment.
public struct JQLClock: Sendable {
    private let zone: TimeZone?

    /// - Parameter timeZone: An IANA name as `/myself` gives it. An unknown name makes literals a few hours early.
    public init(timeZone: String?) {
        zone = timeZone.flatMap { TimeZone(identifier: $0) }
    }

    /// Whether the zone is known, so that literals are exact to the minute most of the year.
    public var isExact: Bool { zone != nil }

    /// `yyyy-MM-dd HH:mm` that in the account's zone is at or before `moment`, and less than a minute before it where
    /// the zone is known and no change of its offset is within a day.
    public func literal(atOrBefore moment: Timestamp) -> String {
        let minute = Self.floored(moment.rawValue, 60_000) + Int64(offsetMinutes(near: moment))
        let day = Self.floored(minute, 1_440)
        let rest = Int(minute - day * 1_440)
        return "\(CalendarDate(daysSinceEpoch: Int(day))) \(two(rest / 60)):\(two(rest % 60))"
    }

    /// Twelve hours west is the least offset in use, so it is safe where the zone is not known.
    private func offsetMinutes(near moment: Timestamp) -> Int {
        guard let zone else { return -12 * 60 }
        let seconds = Double(moment.rawValue) / 1_000
        return [-86_400.0, 0, 86_400.0].map { shift in
            let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds + shift))
            return Int(Self.floored(Int64(offset), 60))
        }.min() ?? 0
    }

    private func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func floored(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
