/// Finds the passage of an issue that matches best, and the part of it to show.
struct SnippetFinder {
    private let weights: [Float]
    private let matcher: PatternMatcher
    /// Scalars of a snippet, about.
    static let length = 240
    /// Bytes of one passage, and of all passages of an issue, that are looked through.
    private static let passageLimit = 32_768, issueLimit = 262_144
    /// Bytes after which a passage that matches is good enough.
    private static let enough = 16_384

    init(_ leaves: [Leaf], among count: Int, _ analyser: TextAnalyser) {
        weights = leaves.map { $0.weight(among: count) }
        matcher = PatternMatcher(leaves.map(\.plan.pattern), analyser)
    }

    private struct Found {
        var passage: SearchPassage
        var spans: [PatternMatcher.Span]
        var weight: Float
    }

    func find(in passages: [SearchPassage]) -> SearchHit.Passage {
        let whole = weights.reduce(0, +)
        var left = Self.issueLimit
        var best: Found?
        for passage in passages where !passage.text.isEmpty && left > 0 {
            if let best, best.weight > 0.001 {
                let isWhole = best.weight >= whole && best.passage.kind != .summary
                guard !isWhole, Self.issueLimit - left < Self.enough else { break }
            }
            let text = passage.text.prefix(bytes: min(Self.passageLimit, left))
            left -= text.utf8.count
            let spans = weights.isEmpty ? [] : matcher.spans(in: String(text))
            var weight = Set(spans.map(\.pattern)).reduce(Float(0)) { $0 + weights[$1] }
            // The summary is shown anyway, so what says as much elsewhere says more.
            weight *= passage.kind == .summary ? 0.98 : 1
            weight += passage.kind == .description ? 0.001 : 0
            if best.map({ weight > $0.weight }) ?? true { best = Found(passage: passage, spans: spans, weight: weight) }
        }
        guard let best else { return SearchHit.Passage(kind: .summary, id: nil, snippet: "", highlights: []) }
        let (snippet, highlights) = cut(best.passage.text, best.spans)
        return SearchHit.Passage(
            kind: best.passage.kind, id: best.passage.id, snippet: snippet, highlights: highlights)
    }

    // MARK: Cutting

    /// The window with the most weight, with spaces run together, and the matches in it.
    private func cut(_ text: String, _ spans: [PatternMatcher.Span]) -> (String, [Range<Int>]) {
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
            let isSpace = scalar.value < 0x80 ? scalar.value <= 0x20 : scalar.properties.isWhitespace
            if !(isSpace && wasSpace) {
                snippet.append(isSpace ? " " : scalar)
                count += 1
            }
            wasSpace = isSpace
            position += UTF8.width(scalar)
            if next < marks.count, position >= marks[next].upperBound {
                if ends.count < highlights.count { ends.append(count) }
                next += 1
            }
        }
        if window.upperBound < bytes.count { snippet.append("…") }
        return (String(snippet), zip(highlights, ends).map { $0.lowerBound..<$1 }.filter { !$0.isEmpty })
    }

    private func window(_ bytes: [UInt8], _ spans: [PatternMatcher.Span]) -> Range<Int> {
        var best: (weight: Float, range: Range<Int>)?
        for (index, span) in spans.enumerated().prefix(256) {
            var seen: Set<Int> = []
            var end = span.bytes.upperBound
            var weight: Float = 0
            for other in spans[index...] {
                guard other.bytes.upperBound - span.bytes.lowerBound <= Self.length else { break }
                weight += seen.insert(other.pattern).inserted ? weights[other.pattern] : 0.01
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

    private func merged(_ spans: [PatternMatcher.Span]) -> [Range<Int>] {
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
