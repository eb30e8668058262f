import MarkupText

extension MarkdownWriter {
    /// Writes a list, tight: items part only where their own blocks do.
    mutating func list(_ index: Int) {
        let kind = document.nodes[index].kind
        let isOrdered = kind == .orderedList
        let signs: [UInt8] = Array((isOrdered ? ".)" : "-*").utf8)
        let sign = endedListMarker == signs[0] ? signs[1] : signs[0]
        var number = max(0, min(999_999_999, document.number(.order, of: index) ?? 1))
        var items = Array(document.children(of: index))[...]
        var isFirst = true
        while let item = items.popFirst() {
            // A list directly inside a list belongs to the item before it.
            let nested = items.prefix { isList($0) }
            items = items.dropFirst(nested.count)
            let marker = isOrdered ? Array("\(number)".utf8) + [sign, 0x20] : [sign, 0x20]
            number = min(999_999_999, number + 1)
            if !isFirst { needsBlankLine = endedWithHTML }
            isFirst = false
            nest(
                first: marker + itemSign(item), rest: [UInt8](repeating: 0x20, count: marker.count)
            ) { writer in
                writer.itemContent(item)
                for list in nested { writer.nestedList(list) }
            }
        }
        needsBlankLine = true
        endedListMarker = sign
    }

    private func isList(_ index: Int) -> Bool {
        switch document.nodes[index].kind {
        case .taskList, .bulletList, .orderedList, .decisionList: true
        default: false
        }
    }

    /// What follows the list marker: a task's box, a decision's name.
    private func itemSign(_ item: Int) -> [UInt8] {
        switch document.nodes[item].kind {
        case .taskItem, .blockTaskItem:
            let done = document.attribute(.state, of: item)?.elementsEqual("DONE".utf8) == true
            return Array((done ? "[x] " : "[ ] ").utf8)
        case .decisionItem: return Array("**Decision:** ".utf8)
        default: return []
        }
    }

    private mutating func itemContent(_ item: Int) {
        switch document.nodes[item].kind {
        case .taskItem, .decisionItem:
            paragraph(inline(startsLine: false).write(childrenOf: item))
        case .listItem, .blockTaskItem:
            for child in document.children(of: item) {
                if isList(child) { nestedList(child) } else { block(child) }
            }
        default: block(item)
        }
    }

    /// A list below an item's own words follows them directly where Markdown allows that.
    ///
    /// An empty item, or a number other than 1, cannot interrupt a paragraph.
    private mutating func nestedList(_ list: Int) {
        let startsAtOne = document.nodes[list].kind != .orderedList || (document.number(.order, of: list) ?? 1) == 1
        let first = document.children(of: list).first { _ in true }
        if needsBlankLine, !endedWithHTML, startsAtOne, let first, showsWords(first) { needsBlankLine = false }
        self.list(list)
    }

    /// Whether anything inside is certain to be written.
    private func showsWords(_ index: Int) -> Bool {
        for node in index..<Int(document.nodes[index].end) {
            switch document.nodes[node].kind {
            case .text:
                let text = Array(document.text(of: node))
                if Blanks.leading(text) < text.count { return true }
            case .mention, .status, .date, .media, .mediaInline, .codeBlock, .rule: return true
            default: continue
            }
        }
        return false
    }
}
