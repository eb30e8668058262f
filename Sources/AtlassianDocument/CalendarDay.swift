/// A day of the proleptic Gregorian calendar, as ADF's `date` node means it: milliseconds since 1970, UTC.
enum CalendarDay {
    /// `2024-02-29` for a timestamp in milliseconds; `nil` for what is no number or beyond the years 0–9999.
    static func iso(milliseconds text: some Collection<UInt8>) -> [UInt8]? {
        var value: Int64 = 0
        var negative = false
        guard !text.isEmpty, text.count <= 16 else { return nil }
        for (position, byte) in text.enumerated() {
            if position == 0, byte == UInt8(ascii: "-"), text.count > 1 {
                negative = true
            } else if byte >= 0x30, byte <= 0x39 {
                value = value * 10 + Int64(byte - 0x30)
            } else {
                return nil
            }
        }
        let milliseconds = negative ? -value : value
        let day = milliseconds >= 0 ? milliseconds / 86_400_000 : -((-milliseconds + 86_399_999) / 86_400_000)
        return iso(day: day)
    }

    /// Days to civil date, after Howard Hinnant's published algorithm.
    private static func iso(day: Int64) -> [UInt8]? {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        guard (0...9_999).contains(year) else { return nil }
        func digits(_ value: Int64, _ count: Int) -> [UInt8] {
            var rest = value
            return Array(
                (0..<count).map { _ in
                    defer { rest /= 10 }
                    return UInt8(0x30 + rest % 10)
                }.reversed())
        }
        return digits(year, 4) + [0x2D] + digits(month, 2) + [0x2D] + digits(dayOfMonth, 2)
    }
}
