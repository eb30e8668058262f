extension SettingsTable {
    /// The table of `docs/settings.md`, in Markdown.
    public static var markdown: String {
        var lines = [
            "| setting | flag | variable | takes | default | counts | meaning |",
            "|---|---|---|---|---|---|---|",
        ]
        for setting in all {
            let cells = [
                "`\(setting.name)`", setting.flag.map { "`\($0)`" } ?? "–", "`\(setting.variable)`",
                setting.kind.words, setting.fallback.map { "`\($0)`" } ?? "–", setting.place.words,
                setting.summary + (setting.isSecret ? " (a secret)" : ""),
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }
}

extension Setting.Kind {
    /// What a value may be, for people.
    public var words: String {
        switch self {
        case .text: "text"
        case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .toggle: "`yes`, `no`"
        case .choice(let choices): choices.map { "`\($0)`" }.joined(separator: ", ")
        case .address: "an `https://` or `http://` address"
        case .path: "a path"
        case .list: "values, with commas"
        }
    }
}

extension Setting.Place {
    /// From when on a changed value counts, for people.
    public var words: String {
        switch self {
        case .process: "flag or environment only"
        case .start: "at the next start"
        case .live: "at once"
        }
    }
}
