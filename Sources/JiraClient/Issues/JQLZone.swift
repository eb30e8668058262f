import Foundation
public import IssueModel

/// The time zone in which Jira reads the dates of our queries: the querying account's.
///
/// JQL dates have minutes and no zone. Where clocks are put back, one literal means two moments; a bound is then moved
/// so far out that it holds for both. Too many issues are read again then, never too few.
public struct JQLZone: Sendable {
    private let offset: @Sendable (Timestamp) -> Int64
    /// How far the real zone may be from ``offset``, where the site named a zone that this machine does not know.
    private let slack: Int64

    /// - Parameter name: An IANA name, `UTC`, `GMT+05:30` or `GMT-0300`.
    public init(_ name: String) {
        if let seconds = Self.fixedOffset(name) {
            offset = { _ in seconds * 1_000 }
            slack = 0
        } else if let zone = TimeZone(identifier: name) {
            offset = {
                Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0.rawValue) / 1_000))) * 1_000
            }
            slack = 0
        } else {
            offset = { _ in 0 }
            slack = 14 * 3_600_000
        }
    }

    /// A literal that means `moment`'s minute or earlier, for `>=`.
    public func literal(atOrBefore moment: Timestamp) -> String {
        let bound = Timestamp(milliseconds: moment.rawValue - slack)
        let latest = meanings(of: bound).max() ?? bound
        return localText(Timestamp(milliseconds: bound.rawValue - (latest.rawValue - bound.rawValue)))
    }

    /// A literal that means the minute after `moment` or later, for `<`.
    public func literal(after moment: Timestamp) -> String {
        let next = Timestamp(milliseconds: moment.flooredToMinute.rawValue + 60_000 + slack)
        let earliest = meanings(of: next).min() ?? next
        return localText(Timestamp(milliseconds: next.rawValue + (next.rawValue - earliest.rawValue)))
    }

    /// All moments that the local time of `moment` stands for: two in the hour that is repeated, else one.
    private func meanings(of moment: Timestamp) -> [Timestamp] {
        let local = moment.rawValue + offset(moment)
        let day: Int64 = 86_400_000
        let offsets = Set([-day, 0, day].map { offset(Timestamp(milliseconds: moment.rawValue + $0)) })
        return offsets.map { Timestamp(milliseconds: local - $0) }.filter { $0.rawValue + offset($0) == local }
    }

    /// The local time of `moment` as a literal.
    func localText(_ moment: Timestamp) -> String {
        let local = Timestamp(milliseconds: moment.rawValue + offset(moment)).rfc3339
        return "\"\(local.prefix(10)) \(local.dropFirst(11).prefix(5))\""
    }

    /// Seconds east of UTC of a name that states them.
    private static func fixedOffset(_ name: String) -> Int64? {
        let text = name.uppercased()
        if ["UTC", "GMT", "Z", "ETC/UTC", "ETC/GMT"].contains(text) { return 0 }
        guard text.hasPrefix("GMT") || text.hasPrefix("UTC") || text.hasPrefix("+") || text.hasPrefix("-") else {
            return nil
        }
        let rest = text.hasPrefix("+") || text.hasPrefix("-") ? text[...] : text.dropFirst(3)
        let digits = rest.dropFirst().filter { $0 != ":" }
        guard let sign = rest.first, sign == "+" || sign == "-", digits.count == 4, let number = Int64(digits),
            number % 100 < 60
        else { return nil }
        return (sign == "-" ? -1 : 1) * (number / 100 * 3_600 + number % 100 * 60)
    }
}

extension Timestamp {
    var flooredToMinute: Timestamp {
        let remainder = rawValue % 60_000
        return Timestamp(milliseconds: rawValue - (remainder < 0 ? remainder + 60_000 : remainder))
    }
}
