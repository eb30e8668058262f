/// One thing that whoever runs Drawbridge may decide: its name, where it may be said, what it may be, and what it is else.
///
/// What is said nearer to the process wins: a flag, then the environment, then the database, then the default.
public struct Setting: Hashable, Sendable {
    /// Stable, in words with dots: `backup.keep`.
    public let name: String
    /// The option of the commands that take it, with its dashes; `nil` where none does.
    public let flag: String?
    /// The variable of the environment: `DRAWBRIDGE_BACKUP_KEEP`.
    public let variable: String
    public let kind: Kind
    /// What holds where nobody says anything, as it would be written; `nil` where the setting is then absent.
    public let fallback: String?
    /// What it is for, as a part of a sentence.
    public let summary: String
    public let place: Place
    /// A secret is never shown, and never kept among the settings of the database.
    public let isSecret: Bool

    /// What a value may be.
    public enum Kind: Hashable, Sendable {
        case text
        case number(ClosedRange<Int>)
        /// `yes` or `no`.
        case toggle
        case choice([String])
        /// An address that begins with `http://` or `https://`, without a trailing slash.
        case address
        case path
        /// Several values with commas between them.
        case list
    }

    /// Where a setting may be said, and from when on it counts.
    public enum Place: String, Hashable, Sendable {
        /// By flags and environment alone: it is needed before the database is open, or differs from process to process.
        case process
        /// In the database too; the server follows it when it starts.
        case start
        /// In the database too; the server follows it while it runs.
        case live
    }

    /// The most bytes of a value.
    public static let byteLimit = 4_096

    /// The value as it is kept, where `text` is one.
    ///
    /// - Throws: ``SettingError`` that says what would be taken.
    public func checked(_ text: String) throws(SettingError) -> String {
        guard text.utf8.count <= Self.byteLimit, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw refusal("at most \(Self.byteLimit) bytes without control characters", of: "")
        }
        switch kind {
        case .text, .path:
            guard !text.isEmpty else { throw refusal("a value that is not empty", of: text) }
            return text
        case .list:
            let parts = Self.parts(text)
            guard !parts.isEmpty else { throw refusal("values with commas between them", of: text) }
            return parts.joined(separator: ",")
        case .number(let range):
            guard let number = Int(text), range.contains(number) else {
                throw refusal("a whole number from \(range.lowerBound) to \(range.upperBound)", of: text)
            }
            return String(number)
        case .toggle:
            switch text.lowercased() {
            case "yes", "true", "on", "1": return "yes"
            case "no", "false", "off", "0": return "no"
            default: throw refusal("yes or no", of: text)
            }
        case .choice(let choices):
            guard choices.contains(text.lowercased()) else {
                throw refusal("one of \(choices.joined(separator: ", "))", of: text)
            }
            return text.lowercased()
        case .address:
            return try address(text)
        }
    }

    static func parts(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
            .filter { !$0.isEmpty }
    }

    private func address(_ text: String) throws(SettingError) -> String {
        let lower = text.lowercased()
        let rest = ["https://", "http://"].first(where: lower.hasPrefix).map { text.dropFirst($0.count) } ?? ""
        let isPlain = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
        guard let first = rest.first, first != "/", isPlain, !rest.contains("@"), !rest.contains("#"),
            !rest.contains("?")
        else {
            throw refusal("an address such as https://drawbridge.example.com, without credentials or query", of: text)
        }
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }

    private func refusal(_ wanted: String, of text: String) -> SettingError {
        SettingError(
            .invalid,
            "\(name) takes \(wanted)\(isSecret || text.isEmpty ? "" : ", not '\(text.prefix(80))'")")
    }
}

/// Why a setting cannot be what it was asked to be. `description` is safe to log: no secret's value is in it.
public struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What is wrong and what would be right.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The setting does not take this value.
        public static let invalid = Code(rawValue: "setting_invalid")
        /// There is no such setting.
        public static let unknown = Code(rawValue: "setting_unknown")
        /// The setting may not be kept in the database.
        public static let notStored = Code(rawValue: "setting_not_stored")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
