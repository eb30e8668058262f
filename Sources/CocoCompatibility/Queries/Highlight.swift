internal import SearchIndex

/// What matched, marked with `<em>` as Elasticsearch does.
enum Highlight {
    /// The passage's text is escaped, so that nothing somebody wrote into an issue becomes markup.
    static func of(_ passage: SearchHit.Passage) -> (field: String, text: String)? {
        guard !passage.highlights.isEmpty else { return nil }
        let scalars = Array(passage.snippet.unicodeScalars)
        var text = ""
        var position = 0
        func escaped(_ range: Range<Int>) -> String {
            var plain = ""
            for scalar in scalars[range] {
                switch scalar {
                case "&": plain += "&amp;"
                case "<": plain += "&lt;"
                case ">": plain += "&gt;"
                case "\"": plain += "&quot;"
                case "'": plain += "&#39;"
                default: plain.unicodeScalars.append(scalar)
                }
            }
            return plain
        }
        for range in passage.highlights where range.lowerBound >= position && range.upperBound <= scalars.count {
            text += escaped(position..<range.lowerBound) + "<em>" + escaped(range) + "</em>"
            position = range.upperBound
        }
        text += escaped(position..<scalars.count)
        return (passage.kind == .summary ? "title" : "content", text)
    }
}
