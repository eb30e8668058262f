/// A piece of JQL and where it starts.
struct JQLToken: Sendable, Hashable {
    enum Kind: Sendable { case word, quoted, symbol }

    var kind: Kind
    var text: String
    /// Counted from 1, as Jira's messages do.
    var line: Int
    var column: Int

    var isWord: Bool { kind != .symbol }

    func isKeyword(_ word: String) -> Bool {
        kind == .word && text.lowercased() == word
    }

    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
}

/// Cuts JQL into tokens.
struct JQLLexer {
    private let characters: [Character]
    private var position = 0
    private var line = 1
    private var lineStart = 0

    private init(_ text: String) {
        characters = Array(text)
    }

    /// Longer queries than Jira's own limit are refused.
    static let maximumLength = 100_000

    static func tokens(of text: String) throws(JQLError) -> [JQLToken] {
        guard text.utf8.count <= maximumLength else {
            throw JQLError("The JQL query is too long. The maximum length is \(maximumLength) characters.")
        }
        var lexer = JQLLexer(text)
        var tokens: [JQLToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    private var column: Int { position - lineStart + 1 }

    private mutating func next() throws(JQLError) -> JQLToken? {
        while position < characters.count, characters[position].isWhitespace {
            if characters[position].isNewline {
                line += 1
                lineStart = position + 1
            }
            position += 1
        }
        guard position < characters.count else { return nil }
        let character = characters[position]
        if character == "\"" || character == "'" { return try quoted(character) }
        if let symbol = symbol() { return symbol }
        return try word()
    }

    private mutating func symbol() -> JQLToken? {
        let start = column
        let rest = String(characters[position..<min(position + 2, characters.count)])
        for symbol in ["!=", "!~", "<=", ">=", "&&", "||", "(", ")", ",", "=", "~", "<", ">", "!", "&", "|"]
        where rest.hasPrefix(symbol) {
            position += symbol.count
            return JQLToken(kind: .symbol, text: symbol, line: line, column: start)
        }
        return nil
    }

    private mutating func quoted(_ mark: Character) throws(JQLError) -> JQLToken {
        let start = column
        position += 1
        var text = ""
        while position < characters.count, characters[position] != mark {
            if characters[position] == "\\" {
                guard position + 1 < characters.count else { break }
                position += 1
                switch characters[position] {
                case "n": text.append("\n")
                case "t": text.append("\t")
                case "r": text.append("\r")
                case "u": text.append(try unicodeEscape(start))
                case "\"", "'", "\\", " ": text.append(characters[position])
                default:
                    throw JQLError(
                        "Error in the JQL Query: '\\\(characters[position])' is an illegal JQL escape sequence. The valid "
                            + "escape sequences are \\', \\\", \\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX. "
                            + "(line \(line), character \(column - 1))")
                }
            } else {
                text.append(characters[position])
            }
            position += 1
        }
        guard position < characters.count else {
            throw JQLError(
                "Error in the JQL Query: The quoted string '\(text)' has not been completed. "
                    + "(line \(line), character \(start))")
        }
        position += 1
        return JQLToken(kind: .quoted, text: text, line: line, column: start)
    }

    private mutating func unicodeEscape(_ start: Int) throws(JQLError) -> Character {
        let digits = String(characters[min(position + 1, characters.count)..<min(position + 5, characters.count)])
        guard digits.count == 4, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
            throw JQLError(
                "Error in the JQL Query: '\\u\(digits)' is an illegal JQL escape sequence. (line \(line), character \(start))"
            )
        }
        position += 4
        return Character(scalar)
    }

    private static let reserved: Set<Character> = [
        "+", ";", "?", "*", "/", "%", "^", "$", "#", "@", "{", "}", "[", "]",
    ]

    private mutating func word() throws(JQLError) -> JQLToken {
        let start = column
        var text = ""
        while position < characters.count {
            let character = characters[position]
            if character.isWhitespace || "()=!<>~,&|\"'".contains(character) { break }
            if character == "[" && text.lowercased() == "cf" {
                while position < characters.count, characters[position] != "]" {
                    text.append(characters[position])
                    position += 1
                }
                text.append("]")
                position += 1
                continue
            }
            // A sign may start a period of time.
            let isSign = character == "+" && text.isEmpty
            if Self.reserved.contains(character) && !isSign {
                let code = String(character.unicodeScalars.first?.value ?? 0, radix: 16)
                let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
                throw JQLError(
                    "Error in the JQL Query: The character '\(character)' is a reserved JQL character. You must enclose it "
                        + "in a string or use the escape '\\u\(padded)' instead. (line \(line), character \(column))")
            }
            text.append(character)
            position += 1
        }
        return JQLToken(kind: .word, text: text, line: line, column: start)
    }
}
