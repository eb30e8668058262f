/// A moment, in milliseconds since 1970-01-01T00:00:00Z: Jira's own precision.
public struct Timestamp: RawRepresentable, Hashable, Sendable, Comparable {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public init(milliseconds: Int64) { rawValue = milliseconds }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Reads what Jira writes, `2026-09-23T00:18:35.652+0530`, and RFC 3339 with or without fraction.
    ///
    /// - Returns: `nil` for text in no such form, and for dates that do not exist.
    public init?(_ text: some StringProtocol) {
        var text = String(text)
        guard let value = text.withUTF8({ Timestamp(utf8: $0) }) else { return nil }
        self = value
    }

    /// Reads the same from borrowed bytes, without copying them.
    public init?(utf8: UnsafeBufferPointer<UInt8>) {
        var digits = DigitReader(utf8)
        guard let year = digits.number(4), digits.skip("-"), let month = digits.number(2), digits.skip("-"),
            let day = digits.number(2), digits.skip("T") || digits.skip("t") || digits.skip(" "),
            let hour = digits.number(2), digits.skip(":"), let minute = digits.number(2),
            let date = CalendarDate(year: year, month: month, day: day), hour < 24, minute < 60
        else { return nil }
        let second = digits.skip(":") ? digits.number(2) : 0
        let milliseconds = digits.skip(".") ? digits.fraction() : 0
        guard let second, second <= 60, let milliseconds, let offset = digits.zoneOffset(), digits.isAtEnd else {
            return nil
        }
        let seconds = date.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60
        rawValue = Int64(seconds) * 1_000 + Int64(milliseconds)
    }

    /// RFC 3339 in UTC with milliseconds: `2026-09-22T18:48:35.652Z`.
    public var rfc3339: String { rfc3339(minutesEastOfUTC: 0) }

    public func rfc3339(minutesEastOfUTC offset: Int) -> String {
        let local = rawValue + Int64(offset) * 60_000
        let day = Int(local.flooredDivision(by: 86_400_000))
        let rest = Int(local - Int64(day) * 86_400_000)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let fraction = rest % 1_000
        let time = "\(two(rest / 3_600_000)):\(two(rest / 60_000 % 60)):\(two(rest / 1_000 % 60))"
        let padded = fraction < 10 ? "00\(fraction)" : fraction < 100 ? "0\(fraction)" : "\(fraction)"
        let zone = offset == 0 ? "Z" : "\(offset < 0 ? "-" : "+")\(two(abs(offset) / 60)):\(two(abs(offset) % 60))"
        return "\(CalendarDate(daysSinceEpoch: day))T\(time).\(padded)\(zone)"
    }
}

/// A day without time or zone. Due dates and the like stay days: converting them is how other tools lose one.
public struct CalendarDate: Hashable, Sendable, Comparable, LosslessStringConvertible {
    public let year: Int
    public let month: Int
    public let day: Int

    public init?(year: Int, month: Int, day: Int) {
        guard (0...9_999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year)
        else {
            return nil
        }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Reads `yyyy-MM-dd`.
    public init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ CalendarDate(utf8: $0) }) else { return nil }
        self = value
    }

    /// Reads `yyyy-MM-dd` from borrowed bytes.
    public init?(utf8: UnsafeBufferPointer<UInt8>) {
        var digits = DigitReader(utf8)
        guard let year = digits.number(4), digits.skip("-"), let month = digits.number(2), digits.skip("-"),
            let day = digits.number(2), digits.isAtEnd
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Days from 1970-01-01, by the civil-calendar algorithm of Howard Hinnant (chrono-compatible date algorithms, 2013).
    public init(daysSinceEpoch: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    public var daysSinceEpoch: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    public var description: String {
        let yearDigits = String(year)
        let padding = String(repeating: "0", count: max(0, 4 - yearDigits.count))
        return "\(padding)\(yearDigits)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }

    public static func < (left: Self, right: Self) -> Bool { left.daysSinceEpoch < right.daysSinceEpoch }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// Reads fixed-width numbers from ASCII text.
private struct DigitReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number(_ width: Int) -> Int? {
        guard position + width <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + width] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        position += width
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Milliseconds of a decimal fraction of any length.
    mutating func fraction() -> Int? {
        let start = position
        var value = 0
        while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
            if position - start < 3 { value = value * 10 + Int(bytes[position] - 0x30) }
            position += 1
        }
        guard position > start else { return nil }
        for _ in (position - start)..<max(3, position - start) { value *= 10 }
        return value
    }

    /// Minutes east of UTC: `Z`, `+05:30` or `+0530`.
    mutating func zoneOffset() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = number(2) else { return nil }
        _ = skip(":")
        guard let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
