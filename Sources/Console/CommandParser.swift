/// Reads a command line against the list of commands.
public struct CommandParser {
    private let commands: [Command]
    private let environment: [String: String]
    private let nearest: (String, [String]) -> String?

    public enum Result {
        case run(Invocation)
        case help(Command)
        case overview
    }

    /// - Parameter nearest: The one of some words that was probably meant by another, if any is close.
    public init(
        commands: [Command], environment: [String: String],
        nearest: @escaping (_ word: String, _ among: [String]) -> String?
    ) {
        self.commands = commands
        self.environment = environment
        self.nearest = nearest
    }

    /// - Throws: ``UsageError`` that names the word at fault and, where one is close, the word probably meant.
    public func parse(_ words: [String]) throws(UsageError) -> Result {
        guard let first = words.first, !["help", "--help", "-h"].contains(first) else {
            let named = words.dropFirst().filter { !$0.hasPrefix("-") }
            guard let command = match(Array(named)) else { return .overview }
            return .help(command)
        }
        guard let command = match(words) else { throw unknownCommand(words) }
        let rest = words.dropFirst(command.words.count)
        if rest.contains("--help") || rest.contains("-h") { return .help(command) }
        return .run(try parse(rest, for: command))
    }

    /// The command with the most words that `words` begins with.
    private func match(_ words: [String]) -> Command? {
        commands.filter { words.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
    }

    private func parse(_ words: ArraySlice<String>, for command: Command) throws(UsageError) -> Invocation {
        var arguments: [String] = []
        var values: [String: [String]] = [:]
        var rest = words
        var onlyArguments = false
        while let word = rest.popFirst() {
            if word == "--", !onlyArguments {
                onlyArguments = true
            } else if onlyArguments || word == "-" || !word.hasPrefix("--") {
                arguments.append(word)
            } else {
                try readOption(word, &rest, into: &values, for: command)
            }
        }
        try check(arguments, for: command)
        return Invocation(command: command, arguments: arguments, values: values, environment: environment)
    }

    private func readOption(
        _ word: String, _ rest: inout ArraySlice<String>, into values: inout [String: [String]], for command: Command
    ) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = command.allOptions.first(where: { $0.name == parts[0] }) else {
            let hint = nearest(parts[0], command.allOptions.map(\.name)).map {
                "; did you mean \($0)?"
            }
            throw UsageError("'\(command.name)' has no option \(parts[0])\(hint ?? "")")
        }
        guard option.value != nil else {
            guard parts.count == 1 else { throw UsageError("\(option.name) takes no value") }
            values[option.name] = []
            return
        }
        guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
            throw UsageError("\(option.name) needs a value: \(option.name) \(option.value ?? "")")
        }
        guard values[option.name] == nil || option.isRepeatable else {
            throw UsageError("\(option.name) is given twice")
        }
        values[option.name, default: []].append(value)
    }

    private func check(_ arguments: [String], for command: Command) throws(UsageError) {
        let required = command.arguments.filter { !$0.isOptional }
        guard arguments.count >= required.count else {
            let missing = required[arguments.count]
            throw UsageError("'\(command.name)' needs \(missing.name): \(missing.help)")
        }
        guard arguments.count <= command.arguments.count || command.arguments.last?.isRepeatable == true else {
            let extra = arguments[command.arguments.count]
            throw UsageError("'\(command.name)' does not take '\(extra)'; quote an argument that has spaces")
        }
    }

    private func unknownCommand(_ words: [String]) -> UsageError {
        let group = commands.filter { $0.words.first == words.first && !$0.isHidden }
        if !group.isEmpty {
            return UsageError("'\(words[0])' goes on with one of: " + group.map { $0.words[1] }.joined(separator: ", "))
        }
        let names = Set(commands.filter { !$0.isHidden }.map { $0.words[0] }).sorted()
        let hint = nearest(words[0], names).map { "; did you mean '\($0)'?" }
        return UsageError("there is no command '\(words[0])'\(hint ?? "; 'drawbridge help' lists them")")
    }
}
