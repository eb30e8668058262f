/// The help texts, made from the commands' own descriptions.
public enum Help {
    public static func overview(of commands: [Command]) -> String {
        let visible = commands.filter { !$0.isHidden }
        let width = visible.map { usage(of: $0).count }.max() ?? 0
        let lines = visible.map { command in
            let head = usage(of: command)
            return "  \(head)\(String(repeating: " ", count: width - head.count))  \(command.summary)"
        }
        return """
            Drawbridge: a permission-true copy of Jira, and search that shows each person what Jira would show them.

            usage: drawbridge COMMAND …

            \(lines.joined(separator: "\n"))

            'drawbridge COMMAND --help' says more, with an example. A first look: drawbridge demo
            """
    }

    public static func text(for command: Command) -> String {
        var parts = ["\(command.summary).", "usage: drawbridge \(usage(of: command)) [options]"]
        if !command.discussion.isEmpty { parts.append(command.discussion) }
        let arguments = command.arguments.map { ($0.name, $0.help) }
        if !arguments.isEmpty { parts.append(table(arguments)) }
        let options = command.allOptions.map { option in
            (
                option.name + (option.value.map { " \($0)" } ?? ""),
                option.help + (option.isRepeatable ? " (may be repeated)" : "")
            )
        }
        parts.append(table(options))
        parts.append("example:\n  \(command.example)")
        return parts.joined(separator: "\n\n")
    }

    private static func usage(of command: Command) -> String {
        ([command.name]
            + command.arguments.map { $0.isOptional ? "[\($0.name)\($0.isRepeatable ? "…" : "")]" : $0.name }).joined(
                separator: " ")
    }

    private static func table(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  \($0.0)\(String(repeating: " ", count: width - $0.0.count))  \($0.1)" }.joined(
            separator: "\n")
    }
}
