import MarkupText

/// The `{name}…{name}` pairs of a wiki text, found in one pass before anything else is read.
///
/// Only pairs count: a tag without its partner is words. Knowing every partner in advance is what keeps reading linear.
struct WikiMacros {
    struct Block {
        enum Kind { case code, noformat, quote, panel, expand }

        let kind: Kind
        /// `panel`, `info`, `note`, …
        let name: String
        /// The opening tag.
        let start: Int
        let bodyStart: Int
        let parameters: Range<Int>
        /// Where the closing tag begins and ends.
        var bodyEnd = 0
        var end = 0
    }

    struct ColorTag {
        let start: Int
        let end: Int
        /// The colour; `nil` for the closing tag.
        let color: Range<Int>?
    }

    /// In reading order; an inner pair lies wholly inside its outer one.
    private(set) var blocks: [Block] = []
    /// Opening and closing tags that have a partner, in reading order.
    private(set) var colors: [ColorTag] = []

    private static let kinds: [String: Block.Kind] = [
        "code": .code, "noformat": .noformat, "quote": .quote, "panel": .panel, "info": .panel, "note": .panel,
        "tip": .panel, "warning": .panel, "expand": .expand,
    ]

    init(_ bytes: [UInt8]) {
        var open: [Block] = []
        var openCounts: [String: Int] = [:]
        var searched = 0
        var openColors: [ColorTag] = []
        var matchedColors: [ColorTag] = []
        /// Kinds whose closing tag does not occur again.
        var exhausted: Set<String> = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\") {
                index += 2
                continue
            }
            guard bytes[index] == UInt8(ascii: "{") else {
                index += 1
                continue
            }
            if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "{") {
                index = Self.monospacedEnd(bytes, index, bytes.count, searched: &searched) ?? index + 2
                continue
            }
            guard let tag = Self.tag(bytes, index) else {
                index += 1
                continue
            }
            index = tag.end
            if tag.name == "color" {
                if !tag.parameters.isEmpty {
                    openColors.append(ColorTag(start: tag.start, end: tag.end, color: tag.parameters))
                } else if let opening = openColors.popLast() {
                    matchedColors += [opening, ColorTag(start: tag.start, end: tag.end, color: nil)]
                }
                continue
            }
            guard let kind = Self.kinds[tag.name] else { continue }
            var block = Block(
                kind: kind, name: tag.name, start: tag.start, bodyStart: tag.end, parameters: tag.parameters)
            if kind == .code || kind == .noformat {
                guard !exhausted.contains(tag.name) else { continue }
                if let close = Self.find("{\(tag.name)}", bytes, from: tag.end) {
                    block.bodyEnd = close.lowerBound
                    block.end = close.upperBound
                    blocks.append(block)
                    index = block.end
                } else {
                    exhausted.insert(tag.name)
                }
            } else if tag.parameters.isEmpty, openCounts[tag.name, default: 0] > 0,
                let partner = open.lastIndex(where: { $0.name == tag.name })
            {
                block = open[partner]
                block.bodyEnd = tag.start
                block.end = tag.end
                blocks.append(block)
                for dropped in open[partner...] { openCounts[dropped.name, default: 1] -= 1 }
                open.removeSubrange(partner...)
            } else {
                openCounts[tag.name, default: 0] += 1
                open.append(block)
            }
        }
        blocks.sort { $0.start < $1.start }
        colors = matchedColors.sorted { $0.start < $1.start }
    }

    // MARK: Looking up

    /// The first pair that begins in `range`.
    func block(in range: Range<Int>) -> Block? {
        let position = firstIndex(blocks.count) { blocks[$0].start >= range.lowerBound }
        return position < blocks.count && blocks[position].start < range.upperBound ? blocks[position] : nil
    }

    func color(at position: Int) -> ColorTag? {
        let index = firstIndex(colors.count) { colors[$0].start >= position }
        return index < colors.count && colors[index].start == position ? colors[index] : nil
    }

    private func firstIndex(_ count: Int, _ holds: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    // MARK: Scanning

    private struct Tag {
        let name: String
        let start: Int
        let end: Int
        let parameters: Range<Int>
    }

    /// `{name}` or `{name:parameters}` at `start`, on one line.
    private static func tag(_ bytes: [UInt8], _ start: Int) -> Tag? {
        var index = start + 1
        while index < bytes.count, index - start <= 12, MarkdownEscaping.isLetter(bytes[index]) { index += 1 }
        guard index > start + 1, index < bytes.count else { return nil }
        let name = String(decoding: bytes[(start + 1)..<index], as: UTF8.self).lowercased()
        if bytes[index] == UInt8(ascii: "}") {
            return Tag(name: name, start: start, end: index + 1, parameters: index..<index)
        }
        guard bytes[index] == UInt8(ascii: ":") else { return nil }
        let parameters = index + 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "}"): return Tag(name: name, start: start, end: index + 1, parameters: parameters..<index)
            case UInt8(ascii: "{"), 0x0A: return nil
            default: index += 1
            }
        }
        return nil
    }

    private static func find(_ text: String, _ bytes: [UInt8], from start: Int) -> Range<Int>? {
        let wanted = Array(text.utf8)
        var index = start
        while index + wanted.count <= bytes.count {
            if bytes[index] == wanted[0], bytes[index..<index + wanted.count].elementsEqual(wanted) {
                return index..<index + wanted.count
            }
            index += 1
        }
        return nil
    }

    /// Where `{{…}}` that begins at `start` ends: behind the first `}}` of the same line.
    ///
    /// - Parameter searched: No `}}` begins before it; kept between calls so that text full of `{{` is looked through
    ///   once.
    static func monospacedEnd(_ bytes: [UInt8], _ start: Int, _ limit: Int, searched: inout Int) -> Int? {
        var index = max(start + 2, min(searched, limit))
        while index + 1 < limit, bytes[index] != 0x0A {
            if bytes[index] == UInt8(ascii: "}"), bytes[index + 1] == UInt8(ascii: "}") {
                return index > start + 2 ? index + 2 : nil
            }
            index += 1
        }
        searched = index
        return nil
    }
}
