/// A day of the proleptic Gregorian calendar, as ADF's `date` node means it: milliseconds since 1970, UTC.
enum CalendarDay {
    /// `2024-02-29` for a timestamp in milliseconds; `nil` for what is no number or beyond the years 0–9999.
    static func iso(milliseconds text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count <= 16, let milliseconds = Int64(String(decoding: text, as: UTF8.self)) else { return nil }
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
        func digits(_ value: Int64, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: count - text.utf8.count) + text
        }
        return Array("\(digits(year, 4))-\(digits(month, 2))-\(digits(dayOfMonth, 2))".utf8)
    }
}
