import MarkupText

/// Reads Jira's wiki markup into the tree, in time linear in the text whatever the text.
///
/// Follows Atlassian's "Text Formatting Notation Help"; where that is silent, what Jira shows. Markup that is not well
/// formed is words.
struct WikiReader: ~Copyable {
    var builder: DocumentBuilder
    let bytes: [UInt8]
    let macros: WikiMacros
    /// The colours of the `{color}` spans that are open; they may span lines and blocks.
    var colors: [Range<Int>] = []
    private var state = State()
    /// The line last looked at, from where it was looked at to its newline.
    private var knownLine = 0..<0

    /// What is open in the present container.
    private struct State {
        var lists: [ListLevel] = []
        var inParagraph = false
    }

    private struct ListLevel {
        let length: Int
        let sign: UInt8
    }

    init(_ text: String, limits: DocumentLimits) throws(DocumentError) {
        guard text.utf8.count <= limits.maximumBytes else { throw .tooLarge("bytes", limits.maximumBytes) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0A, previous == 0x0D {
                previous = byte
                continue
            }
            previous = byte
            bytes.append(byte == 0x0D ? 0x0A : byte)
        }
        self.bytes = bytes
        macros = WikiMacros(bytes)
        builder = DocumentBuilder(limits: limits, expectedBytes: bytes.count)
    }

    consuming func finish() -> Document { builder.finish() }

    mutating func read() throws(DocumentError) {
        try readBlocks(0..<bytes.count)
    }

    // MARK: Blocks

    /// Reads the lines of a container's body.
    mutating func readBlocks(_ body: Range<Int>) throws(DocumentError) {
        let outer = state
        state = State()
        var position = body.lowerBound
        var isMidLine = false
        while position < body.upperBound {
            let end = lineEnd(position, body.upperBound)
            let start = skipBlanks(position, end)
            if start == end {
                if !isMidLine { closeAll() }
                isMidLine = false
                position = end + 1
            } else if let macro = macros.block(in: start..<start + 1) {
                try readMacro(macro)
                position = macro.end
                isMidLine = true
            } else if bytes[start] == UInt8(ascii: "|"), !isMidLine {
                closeAll()
                position = try readTable(start, body.upperBound)
            } else {
                let macro = macros.block(in: start..<end)
                let content = start..<(macro?.start ?? end)
                if isMidLine { try readText(content) } else { try readLine(content) }
                isMidLine = macro != nil
                position = macro?.start ?? end + 1
            }
        }
        closeAll()
        state = outer
    }

    /// Reads a line that does not begin with a block macro or a table.
    private mutating func readLine(_ line: Range<Int>) throws(DocumentError) {
        let start = line.lowerBound
        if isRule(line) {
            closeAll()
            try builder.leaf(.rule)
        } else if let level = headingLevel(line) {
            closeAll()
            builder.set(.level, level)
            try builder.open(.heading)
            try readInline(skipBlanks(start + 3, line.upperBound)..<line.upperBound)
            builder.close()
        } else if line.count > 3, bytes[start..<start + 3].elementsEqual("bq.".utf8), bytes[start + 3] == 0x20 {
            closeAll()
            try builder.open(.blockquote)
            try builder.open(.paragraph)
            try readInline(skipBlanks(start + 3, line.upperBound)..<line.upperBound)
            builder.close()
            builder.close()
        } else if let marker = listMarker(line) {
            closeParagraph()
            try openItem(marker)
            let content = skipBlanks(marker.upperBound, line.upperBound)..<line.upperBound
            if !content.isEmpty { try readText(content) }
        } else {
            try readText(line)
        }
    }

    /// Adds a line to the open paragraph, or begins one.
    private mutating func readText(_ text: Range<Int>) throws(DocumentError) {
        let end = trimmedEnd(text)
        guard text.lowerBound < end else { return }
        if state.inParagraph {
            try builder.leaf(.hardBreak)
        } else {
            try builder.open(.paragraph)
            state.inParagraph = true
        }
        try readInline(text.lowerBound..<end)
    }

    private mutating func closeParagraph() {
        if state.inParagraph { builder.close() }
        state.inParagraph = false
    }

    private mutating func closeAll() {
        closeParagraph()
        closeLists(downTo: 0)
    }

    // MARK: Lists

    private mutating func closeLists(downTo count: Int) {
        while state.lists.count > count {
            state.lists.removeLast()
            builder.close()
            builder.close()
        }
    }

    /// Opens the item for a marker such as `*#`. A marker that skips levels makes the next level down.
    private mutating func openItem(_ marker: Range<Int>) throws(DocumentError) {
        let signs = bytes[marker]
        let keep =
            state.lists.firstIndex { level in
                level.length > signs.count || signs[signs.startIndex + level.length - 1] != level.sign
            } ?? state.lists.count
        closeLists(downTo: keep)
        let sign = signs[signs.endIndex - 1]
        if let last = state.lists.last, last.length == signs.count {
            builder.close()
        } else {
            try builder.open(sign == UInt8(ascii: "#") ? .orderedList : .bulletList)
            state.lists.append(ListLevel(length: signs.count, sign: sign))
        }
        try builder.open(.listItem)
    }

    /// The `*`, `#` or `-` signs that begin a list item, with a blank behind them.
    private func listMarker(_ line: Range<Int>) -> Range<Int>? {
        let marker = bytes[line].prefix {
            $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "-")
        }
        guard !marker.isEmpty, marker.endIndex < bytes.count else { return nil }
        guard bytes[marker.endIndex] == 0x20 || bytes[marker.endIndex] == 0x09 else { return nil }
        // Two hyphens are a dash unless they go on a list.
        let isDash = marker.count > 1 && marker.allSatisfy { $0 == UInt8(ascii: "-") }
        if isDash && state.lists.isEmpty { return nil }
        return marker.startIndex..<marker.endIndex
    }

    // MARK: Macros

    private mutating func readMacro(_ macro: WikiMacros.Block) throws(DocumentError) {
        closeParagraph()
        let parameters = WikiParameters(bytes[macro.parameters])
        if let title = parameters["title"] ?? (macro.kind == .expand ? parameters.first : nil) {
            builder.set(.title, title)
        }
        switch macro.kind {
        case .code, .noformat:
            if macro.kind == .code, let language = parameters.first ?? parameters["language"] {
                builder.set(.language, language)
            }
            try builder.open(.codeBlock)
            var body = macro.bodyStart..<macro.bodyEnd
            let first = lineEnd(body.lowerBound, body.upperBound)
            if first < body.upperBound, skipBlanks(body.lowerBound, first) == first {
                body = first + 1..<body.upperBound
            }
            if let last = bytes[body].lastIndex(of: 0x0A), skipBlanks(last + 1, body.upperBound) == body.upperBound {
                body = body.lowerBound..<last
            }
            try builder.text(Array(bytes[body]))
            builder.close()
            return
        case .quote: try builder.open(.blockquote)
        case .panel:
            builder.set(.panelType, macro.name == "panel" ? "custom" : macro.name)
            if let color = parameters["bgColor"] { builder.set(.background, color) }
            try builder.open(.panel)
        case .expand: try builder.open(.expand)
        }
        try readBlocks(macro.bodyStart..<macro.bodyEnd)
        builder.close()
    }

    // MARK: Lines

    /// The newline behind `position`, or `limit`. Remembers the line, for one line may hold many blocks.
    mutating func lineEnd(_ position: Int, _ limit: Int) -> Int {
        if position >= knownLine.lowerBound, position < knownLine.upperBound { return min(limit, knownLine.upperBound) }
        var index = position
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
        knownLine = position..<index
        return min(limit, index)
    }

    func skipBlanks(_ position: Int, _ limit: Int) -> Int {
        var index = position
        while index < limit, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        return index
    }

    func trimmedEnd(_ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return end
    }

    private func isRule(_ line: Range<Int>) -> Bool {
        bytes[line.lowerBound..<trimmedEnd(line)].elementsEqual("----".utf8)
    }

    private func headingLevel(_ line: Range<Int>) -> Int? {
        let start = line.lowerBound
        guard line.count > 3, bytes[start] == UInt8(ascii: "h"), (0x31...0x36).contains(bytes[start + 1]),
            bytes[start + 2] == UInt8(ascii: "."), bytes[start + 3] == 0x20 || bytes[start + 3] == 0x09
        else { return nil }
        return Int(bytes[start + 1] - 0x30)
    }
}

/// The parameters of a macro: `java|title=A.java|borderStyle=solid`.
struct WikiParameters {
    private var named: [String: String] = [:]
    /// The first parameter, when it has no name.
    private(set) var first: String?

    init(_ text: ArraySlice<UInt8>) {
        for (position, part) in text.split(separator: UInt8(ascii: "|")).prefix(40).enumerated() {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = Self.trimmed(pair[pair.count - 1])
            if pair.count == 2 { named[Self.trimmed(pair[0])] = value } else if position == 0 { first = value }
        }
        if first?.isEmpty == true { first = nil }
    }

    subscript(_ name: String) -> String? { named[name].flatMap { $0.isEmpty ? nil : $0 } }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> String {
        let bytes = Array(text)
        return String(decoding: bytes.dropFirst(Blanks.leading(bytes)).dropLast(Blanks.trailing(bytes)), as: UTF8.self)
    }
}

extension Document {
    /// Reads Jira's wiki markup (Data Center, Server, Cloud v2).
    ///
    /// - Throws: ``DocumentError`` when it is too deep or too large. What is not well-formed markup is words.
    public init(wiki: String, limits: DocumentLimits = .standard) throws(DocumentError) {
        var reader = try WikiReader(wiki, limits: limits)
        try reader.read()
        self = reader.finish()
    }
}
