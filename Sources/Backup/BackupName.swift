/// Names of backups, which tell when they were made: `drawbridge-20261121T143000Z.backup`.
enum BackupName {
    static let prefix = "drawbridge-"
    static let suffix = ".backup"

    static func name(at now: Int64) -> String { prefix + stamp(now) + suffix }

    /// A time in UTC as ISO 8601's basic form has it, which sorts as text.
    ///
    /// Days to a date as in the proleptic Gregorian calendar, counted from March so that the leap day is the last of its year.
    static func stamp(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1_000)
        let (day, rest) = (seconds / 86_400 + 719_468, seconds % 86_400)
        let (era, dayOfEra) = (day / 146_097, day % 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = padded(year, 4) + padded(month, 2) + padded(dayOfYear - (153 * shifted + 2) / 5 + 1, 2)
        return date + "T" + padded(rest / 3_600, 2) + padded(rest / 60 % 60, 2) + padded(rest % 60, 2) + "Z"
    }

    /// When a backup of this name was made, in milliseconds since 1970; `nil` for other files.
    static func time(of name: String) -> Int64? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        let text = Array(name.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count))
        guard text.count == 16, text[8] == UInt8(ascii: "T"), text[15] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            text[range].reduce(Int64?.some(0)) { sum, digit in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) ? sum.map { $0 * 10 + Int64(digit - 48) } : nil
            }
        }
        guard let year = number(0..<4), let month = number(4..<6), (1...12).contains(month), let day = number(6..<8),
            (1...31).contains(day), let hour = number(9..<11), hour < 24, let minute = number(11..<13), minute < 60,
            let second = number(13..<15), second < 60
        else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (shiftedYear / 400, shiftedYear % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
