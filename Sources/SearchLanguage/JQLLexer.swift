/// A piece of a JQL query.
enum JQLToken: Hashable {
    case open
    case close
    case comma
    /// `=`, `!=`, `~`, `!~`, `>`, …
    case symbol(String)
    /// A word, a number or a function's name.
    case word(String)
    case quoted(String)
}

/// Cuts a JQL query into pieces.
struct JQLLexer {
    static func tokens(of text: QueryText) throws(QueryError) -> [(token: JQLToken, range: Range<Int>)] {
        var tokens: [(token: JQLToken, range: Range<Int>)] = []
        let scalars = text.scalars
        var position = 0
        while position < scalars.count {
            let start = position
            position += 1
            switch scalars[start] {
            case " ": continue
            case "(": tokens.append((.open, start..<position))
            case ")": tokens.append((.close, start..<position))
            case ",": tokens.append((.comma, start..<position))
            case "\"", "'":
                let inside = try quoted(scalars, from: &position, mark: scalars[start], start: start)
                tokens.append((.quoted(inside), start..<position))
            case "=", "!", "<", ">", "~", "&", "|":
                while position < scalars.count, position - start < 2, "=~&|".unicodeScalars.contains(scalars[position])
                {
                    position += 1
                }
                tokens.append((.symbol(text.string(start..<position)), start..<position))
            default:
                while position < scalars.count, !" ()\",'=!<>~&|".unicodeScalars.contains(scalars[position]) {
                    position += 1
                }
                // A function and its arguments are one word: startOfDay("-1d").
                if position + 1 < scalars.count, scalars[position] == "(", isFunction(text.string(start..<position)) {
                    while position < scalars.count, scalars[position] != ")" { position += 1 }
                    position = min(position + 1, scalars.count)
                }
                tokens.append((.word(text.string(start..<position)), start..<position))
            }
        }
        return tokens
    }

    private static func isFunction(_ word: String) -> Bool {
        let word = word.lowercased()
        return word == "now" || word == "currentuser" || word.hasPrefix("startof") || word.hasPrefix("endof")
    }

    private static func quoted(
        _ scalars: [Unicode.Scalar], from position: inout Int, mark: Unicode.Scalar, start: Int
    ) throws(QueryError) -> String {
        var inside = ""
        while position < scalars.count, scalars[position] != mark {
            if scalars[position] == "\\", position + 1 < scalars.count { position += 1 }
            inside.unicodeScalars.append(scalars[position])
            position += 1
        }
        guard position < scalars.count else {
            throw QueryError(
                .badQuery, "The JQL has a quotation mark that is never closed", advice: "Close it", at: start..<position
            )
        }
        position += 1
        return inside
    }
}
