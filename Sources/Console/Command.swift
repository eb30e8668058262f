/// One command as people type it: its words, what it takes, and what it does.
public struct Command: Sendable {
    /// The words that name it: `["source", "add"]`.
    public let words: [String]
    /// One line for the list of commands.
    public let summary: String
    public var arguments: [Argument] = []
    public var options: [Option] = []
    /// Further paragraphs of its help.
    public var discussion = ""
    /// A command line that works as it stands.
    public let example: String
    /// Left out of the list of commands: for the program's own use.
    public var isHidden = false
    public let run: @Sendable (Invocation) async throws -> ExitCode

    public init(
        words: [String], summary: String, arguments: [Argument] = [], options: [Option] = [], discussion: String = "",
        example: String, isHidden: Bool = false, run: @escaping @Sendable (Invocation) async throws -> ExitCode
    ) {
        self.words = words
        self.summary = summary
        self.arguments = arguments
        self.options = options
        self.discussion = discussion
        self.example = example
        self.isHidden = isHidden
        self.run = run
    }

    public struct Argument: Sendable {
        public let name: String
        public let help: String
        public var isOptional = false
        /// Whether it may be given any number of times; the last argument only.
        public var isRepeatable = false

        public init(name: String, help: String, isOptional: Bool = false, isRepeatable: Bool = false) {
            self.name = name
            self.help = help
            self.isOptional = isOptional
            self.isRepeatable = isRepeatable
        }
    }

    public struct Option: Sendable {
        /// With its dashes: `--limit`.
        public let name: String
        /// The word that stands for its value; `nil` makes it a switch.
        public let value: String?
        public let help: String
        public var isRepeatable = false

        public static func flag(_ name: String, _ help: String) -> Option { Option(name: name, value: nil, help: help) }

        public static func value(_ name: String, _ value: String, _ help: String, repeatable: Bool = false) -> Option {
            Option(name: name, value: value, help: help, isRepeatable: repeatable)
        }
    }

    public var name: String { words.joined(separator: " ") }

    /// Every command understands these.
    public static let commonOptions: [Option] = [
        .value("--data", "DIR", "the data folder (else DRAWBRIDGE_DATA, else ./drawbridge-data)"),
        .flag("--help", "say what the command does, with an example"),
    ]

    public var allOptions: [Option] { options + Self.commonOptions }
}

/// A command line read against a command.
public struct Invocation: Sendable {
    public let command: Command
    public let arguments: [String]
    public let values: [String: [String]]
    public let environment: [String: String]

    public func has(_ flag: String) -> Bool { values[flag] != nil }
    public func value(_ option: String) -> String? { values[option]?.last }
    public func all(_ option: String) -> [String] { values[option] ?? [] }

    /// The whole number given to `option`.
    public func number(_ option: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                "\(option) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    /// The value given to `option`, which must be one of `choices`.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ option: String, _: Choice.Type
    ) throws(UsageError) -> Choice? where Choice.RawValue == String {
        guard let text = value(option) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("\(option) takes one of \(choices), not '\(text)'")
    }

    public var dataFolder: String { value("--data") ?? environment["DRAWBRIDGE_DATA"] ?? "drawbridge-data" }
    public var wantsJSON: Bool { has("--json") }
}

/// The command line is not one that the program understands.
public struct UsageError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// What scripts see of how a command ended; see "exit codes" in the documentation.
public enum ExitCode: Int32, Sendable {
    case done = 0
    case failed = 1
    case wrongUsage = 2
    case refused = 3
    case unreachable = 4
    case partlyDone = 5
}
