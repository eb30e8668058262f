/// One command as people type it: its words, what it takes, and what it does.
struct Command: Sendable {
    /// The words that name it: `["source", "add"]`.
    let words: [String]
    /// One line for the list of commands.
    let summary: String
    var arguments: [Argument] = []
    var options: [Option] = []
    /// Further paragraphs of its help.
    var discussion = ""
    /// A command line that works as it stands.
    let example: String
    /// Left out of the list of commands: for the program's own use.
    var isHidden = false
    let run: @Sendable (Invocation) async throws -> ExitCode

    struct Argument: Sendable {
        let name: String
        let help: String
        var isOptional = false
        /// Whether it may be given any number of times; the last argument only.
        var isRepeatable = false
    }

    struct Option: Sendable {
        /// With its dashes: `--limit`.
        let name: String
        /// The word that stands for its value; `nil` makes it a switch.
        let value: String?
        let help: String
        var isRepeatable = false

        static func flag(_ name: String, _ help: String) -> Option { Option(name: name, value: nil, help: help) }

        static func value(_ name: String, _ value: String, _ help: String, repeatable: Bool = false) -> Option {
            Option(name: name, value: value, help: help, isRepeatable: repeatable)
        }
    }

    var name: String { words.joined(separator: " ") }

    /// Every command understands these.
    static let commonOptions: [Option] = [
        .value("--data", "DIR", "the data folder (else DRAWBRIDGE_DATA, else ./drawbridge-data)"),
        .flag("--help", "say what the command does, with an example"),
    ]

    var allOptions: [Option] { options + Self.commonOptions }
}

/// A command line read against a command.
struct Invocation: Sendable {
    let command: Command
    let arguments: [String]
    let values: [String: [String]]
    let environment: [String: String]

    func has(_ flag: String) -> Bool { values[flag] != nil }
    func value(_ option: String) -> String? { values[option]?.last }
    func all(_ option: String) -> [String] { values[option] ?? [] }

    /// The whole number given to `option`.
    func number(_ option: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                "\(option) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    /// The value given to `option`, which must be one of `choices`.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ option: String, _: Choice.Type
    ) throws(UsageError) -> Choice? where Choice.RawValue == String {
        guard let text = value(option) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("\(option) takes one of \(choices), not '\(text)'")
    }

    var dataFolder: String { value("--data") ?? environment["DRAWBRIDGE_DATA"] ?? "drawbridge-data" }
    var wantsJSON: Bool { has("--json") }
}

/// The command line is not one that the program understands.
struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What scripts see of how a command ended; see "exit codes" in the documentation.
enum ExitCode: Int32, Sendable {
    case done = 0
    case failed = 1
    case wrongUsage = 2
    case refused = 3
    case unreachable = 4
    case partlyDone = 5
}
