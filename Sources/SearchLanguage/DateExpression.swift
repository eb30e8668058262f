package import IssueModel

/// A moment or a span as people write it: `2024`, `2024-05`, `2024-05-17`, `2024-05-17T08:30`, `today`, `-7d`, `now`.
package struct DateExpression: Hashable, Sendable {
    /// Milliseconds since 1970.
    var start: Int64
    /// The end of the named day, month, …, not included. Equal to `start` for a moment.
    var end: Int64
    /// Written as a distance from now without a sign: `7d`.
    var isUnsigned = false

    /// What dates are relative to.
    package struct Clock: Hashable, Sendable {
        package var now: Timestamp
        package var minutesEastOfUTC: Int

        package init(now: Timestamp, minutesEastOfUTC: Int = 0) {
            self.now = now
            self.minutesEastOfUTC = minutesEastOfUTC
        }

        func startOfDay(addingDays days: Int = 0) -> Int64 {
            let offset = Int64(minutesEastOfUTC) * 60_000
            let local = now.rawValue + offset
            let day = local >= 0 ? local / dayLength : (local - dayLength + 1) / dayLength
            return (day + Int64(days)) * dayLength - offset
        }

        package func milliseconds(ofDay day: Int) -> Int64 { Int64(day) * dayLength - Int64(minutesEastOfUTC) * 60_000 }

        /// The day that local time is in.
        var today: CalendarDate {
            CalendarDate(daysSinceEpoch: Int((startOfDay() + Int64(minutesEastOfUTC) * 60_000) / dayLength))
        }
    }

    static let dayLength: Int64 = 86_400_000

    init?(_ text: String, clock: Clock) {
        let folded = text.lowercased()
        if let named = Self.named(folded, clock) ?? Self.relative(text, clock) ?? Self.calendar(folded, clock) {
            self = named
        } else {
            return nil
        }
    }

    init(start: Int64, end: Int64, isUnsigned: Bool = false) {
        self.start = start
        self.end = end
        self.isUnsigned = isUnsigned
    }

    private static func named(_ text: String, _ clock: Clock) -> DateExpression? {
        func day(_ days: Int) -> DateExpression {
            DateExpression(start: clock.startOfDay(addingDays: days), end: clock.startOfDay(addingDays: days + 1))
        }
        switch text {
        case "now", "now()": return DateExpression(start: clock.now.rawValue, end: clock.now.rawValue)
        case "today": return day(0)
        case "yesterday": return day(-1)
        case "tomorrow": return day(1)
        default: return Self.function(text, clock)
        }
    }

    /// JQL's `startOfDay()`, `endOfMonth(-1)` and so on.
    private static func function(_ text: String, _ clock: Clock) -> DateExpression? {
        guard text.hasSuffix(")"), let open = text.firstIndex(of: "(") else { return nil }
        var argument = String(text[text.index(after: open)...].dropLast())
        argument.removeAll { $0 == "\"" || $0 == "'" || $0 == " " }
        while let last = argument.last, last.isLetter { argument.removeLast() }
        guard let shift = argument.isEmpty ? 0 : Int(argument), abs(shift) < 10_000 else { return nil }
        let today = clock.today
        let moment: Int64
        switch text[..<open] {
        case "startofday": moment = clock.startOfDay(addingDays: shift)
        case "endofday": moment = clock.startOfDay(addingDays: shift + 1)
        case "startofweek", "endofweek":
            let day = today.daysSinceEpoch
            let monday = day - ((day + 3) % 7 + 7) % 7
            moment = clock.milliseconds(ofDay: monday + 7 * (shift + (text.hasPrefix("end") ? 1 : 0)))
        case "startofmonth", "endofmonth":
            moment = month(today, adding: shift + (text.hasPrefix("end") ? 1 : 0), clock)
        case "startofyear", "endofyear":
            moment = month(
                CalendarDate(year: today.year, month: 1, day: 1) ?? today,
                adding: 12 * (shift + (text.hasPrefix("end") ? 1 : 0)), clock)
        default: return nil
        }
        return DateExpression(start: moment, end: moment)
    }

    private static func month(_ date: CalendarDate, adding months: Int, _ clock: Clock) -> Int64 {
        let index = date.year * 12 + date.month - 1 + months
        let first = CalendarDate(year: min(9_999, max(0, index / 12)), month: index % 12 + 1, day: 1)
        return clock.milliseconds(ofDay: first?.daysSinceEpoch ?? 0)
    }

    /// `-7d`, `+2w`, `-1d12h`: minutes (m), hours, days, weeks, months of 30 days (mo or M), years of 365 days.
    private static func relative(_ text: String, _ clock: Clock) -> DateExpression? {
        var rest = Substring(text)
        let sign: Int64 = rest.first == "+" ? 1 : -1
        let isUnsigned = rest.first != "+" && rest.first != "-"
        if !isUnsigned { rest.removeFirst() }
        var total: Int64 = 0
        var isFound = false
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard digits.count <= 6, let number = Int64(digits), let length = Self.lengths[String(unit)] else {
                return nil
            }
            total += number * length
            isFound = true
            rest = rest.dropFirst(digits.count + unit.count)
        }
        guard isFound, total < 4_000_000 * dayLength else { return nil }
        let moment = clock.now.rawValue + sign * total
        return DateExpression(start: moment, end: moment, isUnsigned: isUnsigned)
    }

    private static let lengths: [String: Int64] = [
        "m": 60_000, "min": 60_000, "h": 3_600_000, "d": dayLength, "w": 7 * dayLength, "mo": 30 * dayLength,
        "M": 30 * dayLength, "y": 365 * dayLength,
    ]

    private static func calendar(_ text: String, _ clock: Clock) -> DateExpression? {
        let unified = text.replacing("/", with: "-")
        let halves = unified.split(whereSeparator: { $0 == "t" || $0 == " " })
        let numbers = (halves.first ?? "").split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...3).contains(numbers.count), !numbers.contains(nil), let year = numbers.first ?? nil,
            (1_000...9_999).contains(year)
        else { return nil }
        if numbers.count == 3 {
            guard let month = numbers[1], let day = numbers[2],
                let date = CalendarDate(year: year, month: month, day: day)
            else { return nil }
            let start = clock.milliseconds(ofDay: date.daysSinceEpoch)
            guard halves.count > 1 else { return DateExpression(start: start, end: start + dayLength) }
            return halves.count == 2 ? time(halves[1], start) : nil
        }
        guard halves.count == 1, let month = numbers.count == 2 ? numbers[1] : 1,
            let date = CalendarDate(year: year, month: month, day: 1)
        else { return nil }
        return DateExpression(
            start: clock.milliseconds(ofDay: date.daysSinceEpoch),
            end: Self.month(date, adding: numbers.count == 2 ? 1 : 12, clock))
    }

    private static func time(_ text: Substring, _ day: Int64) -> DateExpression? {
        var text = text
        if text.hasSuffix("z") { text.removeLast() }
        let parts = text.split(separator: ":").map { Int($0) }
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { return nil }
        let start = day + Int64(hour * 60 + minute) * 60_000
        return DateExpression(start: start, end: start + 60_000)
    }
}
