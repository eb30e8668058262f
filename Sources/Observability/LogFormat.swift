/// How events are written, one to a line. Neither ends with the line's end, and neither can be broken out of by what a
/// field holds.
public enum LogFormat: String, Hashable, Sendable, CaseIterable {
    /// `{"time":"2026-11-21T14:30:00.000Z","level":"info","code":"…","message":"…","project":"PAY"}`
    case json
    /// `2026-11-21T14:30:00.000Z info access.refreshed: The rules were read. project=PAY`
    case plain

    public func line(_ event: LogEvent) -> String {
        switch self {
        case .json: Self.jsonLine(event)
        case .plain: Self.plainLine(event)
        }
    }

    private static func jsonLine(_ event: LogEvent) -> String {
        var line = "{\"time\":\"\(time(event.time))\",\"level\":\"\(event.level.rawValue)\",\"code\":"
        line += quoted(event.code) + ",\"message\":" + quoted(event.message)
        for field in event.fields {
            // What every line has keeps its meaning, whatever a field is called.
            let name = Self.ownNames.contains(field.name) ? field.name + "_" : field.name
            line += "," + quoted(name) + ":"
            switch field.value {
            case .string(let text): line += quoted(text)
            case .double(let number) where !number.isFinite: line += "null"
            default: line += field.value.description
            }
        }
        return line + "}"
    }

    private static let ownNames: Set<String> = ["time", "level", "code", "message"]

    private static func plainLine(_ event: LogEvent) -> String {
        var line = "\(time(event.time)) \(event.level.rawValue) \(visible(event.code)): \(visible(event.message))"
        for field in event.fields {
            let value = field.value.description
            let isWord =
                !value.isEmpty
                && value.unicodeScalars.allSatisfy { $0.value > 0x20 && !"\"=\\".contains(Character($0)) }
            line += " \(visible(field.name))=" + (isWord ? visible(value) : quoted(value))
        }
        return line
    }

    /// A string of JSON. Everything that could end a line or command a terminal is written as an escape.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where isCommand(scalar):
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isCommand) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isCommand($0) ? "\u{FFFD}" : $0 }))
    }

    private static func isCommand(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
    }

    /// RFC 3339 in UTC with milliseconds; days to a date as in the proleptic Gregorian calendar, counted from March so that
    /// the leap day is the last of its year.
    static func time(_ milliseconds: Int64) -> String {
        let (days, rest) = floorDivision(milliseconds, 86_400_000)
        let (era, dayOfEra) = floorDivision(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60].map { padded($0, 2) }
        return "\(date)T\(clock.joined(separator: ":")).\(padded(rest % 1_000, 3))Z"
    }

    private static func floorDivision(_ number: Int64, _ divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
