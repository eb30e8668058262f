/// One effect over a run of inline nodes, with what distinguishes it from its like: a link's target, a colour.
struct Span: Hashable {
    let mark: Marks
    var value: ArraySlice<UInt8> = []
    var title: ArraySlice<UInt8> = []
}

/// A line of inline nodes with its effects as properly nested brackets.
enum InlineEvent {
    case open(Span)
    case close(Span)
    case leaf(Int)
}

extension Document {
    /// The effects every writer knows, outermost first where they cover the same words.
    private static let spanOrder: [Marks] = [
        .link, .annotation, .textColor, .backgroundColor, .strong, .em, .citation, .strike, .underline, .subscript,
        .superscript, .code,
    ]

    /// Brackets the children of an inline container.
    ///
    /// Marks are sets on each node; formats want brackets. An effect stays open as long as the nodes carry it, and of
    /// effects that begin together the one that lasts longest is the outer one.
    func inlineEvents(of parent: Int, wanted: Marks) -> [InlineEvent] {
        let leaves = children(of: parent).map { ($0, spans(of: $0, wanted: wanted)) }
        var events: [InlineEvent] = []
        var open: [Span] = []
        for (position, (index, spans)) in leaves.enumerated() {
            // A break has no effects of its own: it stays inside what is open if that goes on behind it.
            let isBreak = nodes[index].kind == .hardBreak
            let target = isBreak ? carried(over: position, leaves) : spans
            let keep = open.firstIndex { !target.contains($0) } ?? open.count
            while open.count > keep { events.append(.close(open.removeLast())) }
            // Code is always the innermost: its words are literal.
            if open.last?.mark == .code, !isBreak, target.contains(where: { !open.contains($0) }) {
                events.append(.close(open.removeLast()))
            }
            let starting = isBreak ? [] : target.filter { !open.contains($0) }
            if !starting.isEmpty {
                let ordered = starting.enumerated().map { order, span in
                    (order, span, span.mark == .code ? 0 : extent(of: span, from: position, leaves))
                }.sorted { ($1.2, $0.0) < ($0.2, $1.0) }
                for (_, span, _) in ordered {
                    events.append(.open(span))
                    open.append(span)
                }
            }
            events.append(.leaf(index))
        }
        while let last = open.popLast() { events.append(.close(last)) }
        return events
    }

    private func spans(of index: Int, wanted: Marks) -> [Span] {
        let marks = nodes[index].marks.intersection(wanted)
        guard !marks.isEmpty else { return [] }
        return Self.spanOrder.filter { marks.contains($0) }.map { mark in
            switch mark {
            case .link:
                Span(
                    mark: .link, value: attribute(.href, of: index) ?? [],
                    title: attribute(.linkTitle, of: index) ?? [])
            case .textColor: Span(mark: mark, value: attribute(.color, of: index) ?? [])
            case .backgroundColor: Span(mark: mark, value: attribute(.background, of: index) ?? [])
            case .annotation: Span(mark: mark, value: attribute(.annotation, of: index) ?? [])
            default: Span(mark: mark)
            }
        }
    }

    /// The effects of the first node behind a break.
    private func carried(over position: Int, _ leaves: [(Int, [Span])]) -> [Span] {
        for (index, spans) in leaves[position...].prefix(16) where nodes[index].kind != .hardBreak {
            return spans
        }
        return []
    }

    /// How many nodes on an effect lasts, looking no further than matters for tidiness.
    private func extent(of span: Span, from position: Int, _ leaves: [(Int, [Span])]) -> Int {
        var count = 0
        for (index, spans) in leaves[position...].prefix(64) {
            guard spans.contains(span) || nodes[index].kind == .hardBreak else { break }
            count += 1
        }
        return count
    }
}
