extension RichText {
    /// Reads the plain parts of Markdown or wiki markup: paragraphs, headings, lists and code blocks.
    ///
    /// Corpus texts come in both. What is not recognised stays as it was written, so no word is lost.
    public init(markup text: String, format: CorpusIssue.Format) {
        var reader = MarkupReader(format: format)
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            reader.read(String(line))
        }
        self.init(reader.finish())
    }
}

private struct MarkupReader {
    let format: CorpusIssue.Format
    var blocks: [RichText.Block] = []
    private var lines: [String] = []
    private var items: [[RichText.Block]] = []
    private var code: [String]?
    private var codeLanguage: String?
    private var codeEnd = ""

    init(format: CorpusIssue.Format) {
        self.format = format
    }

    mutating func read(_ line: String) {
        if var open = code {
            if let range = line.firstRange(of: codeEnd) {
                open.append(String(line[..<range.lowerBound]))
                blocks.append(.code(language: codeLanguage, open.joined(separator: "\n").trimmedOfNewlines))
                code = nil
                let rest = line[range.upperBound...]
                if !rest.isEmpty { read(String(rest)) }
            } else {
                open.append(line)
                code = open
            }
            return
        }
        if beginCode(line) { return }
        let trimmed = line.drop { $0 == " " || $0 == "\t" }
        if trimmed.isEmpty {
            flush()
        } else if trimmed.hasPrefix("* ") || trimmed.hasPrefix("- ") {
            flushLines()
            items.append([.paragraph([.text(trimmed.count > 2 ? String(trimmed.dropFirst(2)) : " ")])])
        } else if let heading = heading(trimmed) {
            flush()
            blocks.append(heading)
        } else {
            flushItems()
            lines.append(line)
        }
    }

    mutating func finish() -> [RichText.Block] {
        if let code { blocks.append(.code(language: codeLanguage, code.joined(separator: "\n"))) }
        flush()
        return blocks
    }

    private mutating func beginCode(_ line: String) -> Bool {
        if format == .markdown {
            guard line.hasPrefix("```") else { return false }
            start(language: String(line.dropFirst(3)), end: "```", rest: "")
            return true
        }
        for mark in ["{code", "{noformat"] {
            guard let open = line.firstRange(of: mark), let close = line[open.upperBound...].firstIndex(of: "}") else {
                continue
            }
            let before = line[..<open.lowerBound]
            if !before.isEmpty { lines.append(String(before)) }
            let attribute = line[open.upperBound..<close].drop { $0 == ":" }
            let language = attribute.split(separator: "|").first { !$0.contains("=") }.map(String.init) ?? ""
            start(language: language, end: mark + "}", rest: String(line[line.index(after: close)...]))
            return true
        }
        return false
    }

    private mutating func start(language: String, end: String, rest: String) {
        flush()
        codeLanguage = language.isEmpty ? nil : language
        codeEnd = end
        code = []
        if !rest.isEmpty { read(rest) }
    }

    private func heading(_ line: Substring) -> RichText.Block? {
        if format == .markdown {
            let level = line.prefix { $0 == "#" }.count
            guard (1...6).contains(level), line.dropFirst(level).first == " " else { return nil }
            return .heading(level, [.text(String(line.dropFirst(level + 1)))])
        }
        guard line.first == "h", let level = line.dropFirst().first?.wholeNumberValue, (1...6).contains(level),
            line.dropFirst(2).hasPrefix(". ")
        else { return nil }
        return .heading(level, [.text(String(line.dropFirst(4)))])
    }

    private mutating func flush() {
        flushLines()
        flushItems()
    }

    private mutating func flushLines() {
        guard !lines.isEmpty else { return }
        var inlines: [RichText.Inline] = []
        for line in lines {
            if !inlines.isEmpty { inlines.append(.lineBreak) }
            if !line.isEmpty { inlines.append(.text(line)) }
        }
        blocks.append(.paragraph(inlines))
        lines = []
    }

    private mutating func flushItems() {
        guard !items.isEmpty else { return }
        blocks.append(.bullets(items))
        items = []
    }
}

extension String {
    fileprivate var trimmedOfNewlines: String {
        var text = self[...]
        while text.first == "\n" { text = text.dropFirst() }
        while text.last == "\n" { text = text.dropLast() }
        return text.isEmpty ? " " : String(text)
    }
}
