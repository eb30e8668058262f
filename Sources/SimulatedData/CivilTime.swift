/// Milliseconds since 1970-01-01T00:00:00Z.
public typealias Milliseconds = Int64

/// A date and a wall-clock time in some zone, in the proleptic Gregorian calendar.
public struct CivilTime: Hashable, Sendable {
    public var year: Int
    public var month: Int
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var millisecond: Int

    public init(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        millisecond = 0
    }

    /// The wall-clock time a clock in UTC shows at `moment`.
    public init(utc moment: Milliseconds) {
        let day = moment.flooredQuotient(by: 86_400_000)
        let rest = Int(moment - day * 86_400_000)
        (year, month, self.day) = Self.civil(fromDay: Int(day))
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1_000 % 60
        millisecond = rest % 1_000
    }

    /// The moment at which a clock in UTC shows this time.
    public var utcMilliseconds: Milliseconds {
        let clock = hour * 3_600_000 + minute * 60_000 + second * 1_000 + millisecond
        return Milliseconds(Self.day(year, month, day)) * 86_400_000 + Milliseconds(clock)
    }

    /// 0 for Sunday to 6 for Saturday.
    public var weekday: Int {
        let shifted = (Self.day(year, month, day) + 4) % 7
        return shifted < 0 ? shifted + 7 : shifted
    }

    /// Days from 1970-01-01 to a date (Hinnant, "chrono-compatible low-level date algorithms").
    public static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date that is `day` days after 1970-01-01.
    public static func civil(fromDay day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
        return (year, civilMonth, dayOfYear - (153 * month + 2) / 5 + 1)
    }

    public static func daysInMonth(_ year: Int, _ month: Int) -> Int {
        let next = month == 12 ? day(year + 1, 1, 1) : day(year, month + 1, 1)
        return next - day(year, month, 1)
    }

    /// `yyyy-MM-dd` of a day counted from 1970-01-01, as Jira writes date fields.
    public static func text(ofDay day: Int) -> String {
        let date = civil(fromDay: day)
        var bytes: [UInt8] = []
        bytes.appendDigits(date.year, width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDigits(date.month, width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDigits(date.day, width: 2)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Int64 {
    /// Division that rounds towards minus infinity, so that times before 1970 fall on the right day.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

extension [UInt8] {
    /// Appends a non-negative number with leading zeros.
    mutating func appendDigits(_ value: Int, width: Int) {
        var divisor = 1
        for _ in 1..<Swift.max(width, 1) { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
