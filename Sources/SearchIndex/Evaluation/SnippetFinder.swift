/// Finds the passage of an issue that matches best, and the part of it to show.
struct SnippetFinder {
    let patterns: [(pattern: TermPlan.Pattern, weight: Float)]
    let analyser: TextAnalyser
    /// Scalars of a snippet, about.
    static let length = 240
    /// Bytes of one passage, and of all passages of an issue, that are looked through.
    private static let passageLimit = 32_768, issueLimit = 131_072

    /// A match in a passage: which pattern, and its bytes.
    private struct Span {
        var pattern: Int
        var bytes: Range<Int>
    }

    private struct Found {
        var passage: SearchPassage
        var spans: [Span]
        var weight: Float
    }

    func find(in passages: [SearchPassage]) -> SearchHit.Passage {
        var left = Self.issueLimit
        var best: Found?
        for passage in passages where !passage.text.isEmpty && left > 0 {
            let text = String(passage.text.prefix(bytes: min(Self.passageLimit, left)))
            left -= text.utf8.count
            let spans = patterns.isEmpty ? [] : spans(in: text)
            var weight = Set(spans.map(\.pattern)).reduce(Float(0)) { $0 + patterns[$1].weight }
            // The summary is shown anyway, so what says as much elsewhere says more.
            weight *= passage.kind == .summary ? 0.98 : 1
            weight += passage.kind == .description ? 0.001 : 0
            if best.map({ weight > $0.weight }) ?? true { best = Found(passage: passage, spans: spans, weight: weight) }
        }
        guard let best else {
            return SearchHit.Passage(kind: .summary, id: nil, snippet: "", highlights: [])
        }
        let (snippet, highlights) = cut(best.passage.text, best.spans)
        return SearchHit.Passage(
            kind: best.passage.kind, id: best.passage.id, snippet: snippet, highlights: highlights)
    }

    // MARK: Matching

    private struct Position {
        var exact: String
        var stem: String?
        var whole: (token: String, stem: String, end: Int)?
        var bytes: Range<Int>
    }

    private func spans(in text: String) -> [Span] {
        var positions: [Position] = []
        analyser.forEachToken(of: text) { token, flags, start, end in
            let word = String(decoding: token, as: UTF8.self)
            let token = TextAnalyser.Token(text: word, flags: flags, start: start, end: end)
            if token.isStem, token.isWhole, let last = positions.indices.last {
                positions[last].whole?.stem = String(word.dropFirst())
            } else if token.isStem, let last = positions.indices.last {
                positions[last].stem = String(word.dropFirst())
            } else if token.isWhole, let last = positions.indices.last {
                positions[last].whole = (word, word, end)
            } else {
                positions.append(Position(exact: word, stem: nil, whole: nil, bytes: start..<end))
            }
        }
        var spans: [Span] = []
        for start in positions.indices {
            for (index, entry) in patterns.enumerated() {
                if let bytes = match(entry.pattern, positions, start) {
                    spans.append(Span(pattern: index, bytes: bytes))
                }
            }
        }
        return spans
    }

    private func match(_ pattern: TermPlan.Pattern, _ positions: [Position], _ start: Int) -> Range<Int>? {
        let here = positions[start]
        switch pattern {
        case .stem(let stem):
            if let whole = here.whole, whole.stem == stem { return here.bytes.lowerBound..<whole.end }
            return (here.stem ?? here.exact) == stem ? here.bytes : nil
        case .identifier(let whole, let pieces):
            if let found = here.whole, found.token == whole { return here.bytes.lowerBound..<found.end }
            return here.exact == whole ? here.bytes : sequence(pieces, isPrefix: false, positions, start)
        case .sequence(let tokens, let isPrefix): return sequence(tokens, isPrefix: isPrefix, positions, start)
        }
    }

    private func sequence(
        _ tokens: [String], isPrefix: Bool, _ positions: [Position], _ start: Int
    ) -> Range<Int>? {
        guard start + tokens.count <= positions.count, let last = tokens.last else { return nil }
        for (offset, token) in tokens.enumerated().dropLast() where positions[start + offset].exact != token {
            return nil
        }
        let end = positions[start + tokens.count - 1]
        let isMet = isPrefix ? end.exact.hasPrefix(last) : end.exact == last
        return isMet ? positions[start].bytes.lowerBound..<end.bytes.upperBound : nil
    }

    // MARK: Cutting

    /// The window with the most weight, with spaces run together, and the matches in it.
    private func cut(_ text: String, _ spans: [Span]) -> (String, [Range<Int>]) {
        let bytes = Array(text.utf8)
        let window = window(bytes, spans)
        var snippet = String.UnicodeScalarView()
        if window.lowerBound > 0 { snippet.append("…") }
        var highlights: [Range<Int>] = []
        var ends: [Int] = []
        var position = window.lowerBound
        var count = snippet.count
        var wasSpace = true
        let marks = merged(
            spans.filter { window.contains($0.bytes.lowerBound) && $0.bytes.upperBound <= window.upperBound })
        var next = 0
        for scalar in String(decoding: bytes[window], as: UTF8.self).unicodeScalars {
            if next < marks.count, position == marks[next].lowerBound { highlights.append(count..<count) }
            let isSpace = scalar.properties.isWhitespace || scalar.value < 0x20
            if !(isSpace && wasSpace) {
                snippet.append(isSpace ? " " : scalar)
                count += 1
            }
            wasSpace = isSpace
            position += String(scalar).utf8.count
            if next < marks.count, position >= marks[next].upperBound {
                if ends.count < highlights.count { ends.append(count) }
                next += 1
            }
        }
        if window.upperBound < bytes.count { snippet.append("…") }
        return (String(snippet), zip(highlights, ends).map { $0.lowerBound..<$1 }.filter { !$0.isEmpty })
    }

    private func window(_ bytes: [UInt8], _ spans: [Span]) -> Range<Int> {
        var best: (weight: Float, range: Range<Int>)?
        for (index, span) in spans.enumerated().prefix(256) {
            var seen: Set<Int> = []
            var end = span.bytes.upperBound
            var weight: Float = 0
            for other in spans[index...] {
                guard other.bytes.upperBound - span.bytes.lowerBound <= Self.length else { break }
                weight += seen.insert(other.pattern).inserted ? patterns[other.pattern].weight : 0.01
                end = max(end, other.bytes.upperBound)
            }
            if weight > best?.weight ?? 0 { best = (weight, span.bytes.lowerBound..<end) }
        }
        let core = best?.range ?? 0..<0
        let room = max(0, Self.length - core.count)
        let start = max(0, core.lowerBound - room / 3)
        let end = min(bytes.count, start + max(Self.length, core.upperBound - start))
        return Self.atWord(bytes, start, before: core.lowerBound)..<Self.atEnd(bytes, end, after: core.upperBound)
    }

    /// The start of the next word from `start` on, not past `limit`.
    private static func atWord(_ bytes: [UInt8], _ start: Int, before limit: Int) -> Int {
        guard start > 0 else { return 0 }
        var position = start
        while position < limit, bytes[position - 1] > 0x20 { position += 1 }
        while position > 0, position < bytes.count, bytes[position] & 0xC0 == 0x80 { position -= 1 }
        return position
    }

    private static func atEnd(_ bytes: [UInt8], _ end: Int, after limit: Int) -> Int {
        guard end < bytes.count else { return bytes.count }
        var position = end
        while position > limit, position > end - 24, bytes[position] > 0x20 { position -= 1 }
        if bytes[position] > 0x20, position > limit { position = end }
        while position < bytes.count, bytes[position] & 0xC0 == 0x80 { position += 1 }
        return position
    }

    private func merged(_ spans: [Span]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for range in spans.map(\.bytes).sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) })
        {
            if let last = ranges.last, range.lowerBound < last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
        return ranges
    }
}
