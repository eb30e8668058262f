import MarkupText

extension MarkdownWriter {
    private static let widestSpan = 100

    /// Writes a GFM table: the first row is the header, merged cells leave the cells they cover empty.
    mutating func table(_ index: Int) {
        let rows = grid(index)
        let columns = rows.map(\.count).max() ?? 0
        guard columns > 0, let header = rows.first else { return }
        tableLine(header + [[UInt8]](repeating: [], count: columns - header.count))
        line(Array("|".utf8) + (0..<columns).flatMap { _ in Array(" --- |".utf8) })
        for row in rows.dropFirst() { tableLine(row) }
        needsBlankLine = true
    }

    private mutating func tableLine(_ cells: [[UInt8]]) {
        var text = Array("|".utf8)
        for cell in cells {
            text.append(0x20)
            text += cell
            text += Array((cell.isEmpty ? "|" : " |").utf8)
        }
        line(text)
    }

    /// The cells' texts by row and column, with empty texts where a merged cell reaches.
    private func grid(_ table: Int) -> [[[UInt8]]] {
        var rows: [[[UInt8]]] = []
        var covered: [Int] = []
        for row in document.children(of: table) {
            var cells: [[UInt8]] = []
            func skipCovered() {
                while cells.count < covered.count, covered[cells.count] > 0 {
                    covered[cells.count] -= 1
                    cells.append([])
                }
            }
            let isRow = document.nodes[row].kind == .tableRow
            let children = isRow ? Array(document.children(of: row)) : [row]
            for cell in children {
                skipCovered()
                let width = min(Self.widestSpan, max(1, document.number(.colspan, of: cell) ?? 1))
                let height = min(10_000, max(1, document.number(.rowspan, of: cell) ?? 1))
                while covered.count < cells.count + width { covered.append(0) }
                for column in cells.count..<cells.count + width where height > 1 { covered[column] = height - 1 }
                cells.append(joined(cellLines(cell)))
                cells += [[UInt8]](repeating: [], count: width - 1)
            }
            skipCovered()
            for column in cells.count..<max(cells.count, covered.count) where covered[column] > 0 {
                covered[column] -= 1
            }
            rows.append(cells)
        }
        return rows
    }

    private func joined(_ lines: [[UInt8]]) -> [UInt8] {
        Array(lines.filter { !$0.isEmpty }.joined(separator: Array("<br>".utf8)))
    }

    /// The blocks of a cell as lines, for a cell holds one line of Markdown.
    private func cellLines(_ index: Int) -> [[UInt8]] {
        let kind = document.nodes[index].kind
        let inline = MarkdownInline(document: document, links: links, inTable: true)
        switch kind {
        case .paragraph, .heading, .taskItem, .decisionItem: return [inline.write(childrenOf: index)]
        case .caption: return [inline.write(childrenOf: index, emphasised: true)]
        case .codeBlock: return codeLines(index)
        case .bulletList, .orderedList, .taskList, .decisionList: return listLines(index)
        case .panel, .expand, .nestedExpand:
            let title = document.nonEmpty(.title, index).map {
                [MarkdownEscaping.escape($0, .init(inTable: true))]
            }
            return (title ?? []) + childLines(index)
        case .rule: return []
        case .media, .blockCard, .embedCard: return [inline.write(node: index)]
        case .extension, .bodiedExtension, .syncBlock, .unknownBlock:
            return [inline.write(node: index)] + childLines(index)
        default: return kind.isInline ? [inline.write(node: index)] : childLines(index)
        }
    }

    private func childLines(_ index: Int) -> [[UInt8]] {
        document.children(of: index).flatMap { cellLines($0) }
    }

    private func codeLines(_ index: Int) -> [[UInt8]] {
        var code: [UInt8] = []
        for child in document.children(of: index) {
            code += document.nodes[child].kind == .text ? document.text(of: child) : document.label(of: child)[...]
        }
        return code.split(separator: 0x0A).map { MarkdownPieces.codeSpan($0, inTable: true) }
    }

    private func listLines(_ index: Int) -> [[UInt8]] {
        var number = document.number(.order, of: index) ?? 1
        var lines: [[UInt8]] = []
        for item in document.children(of: index) {
            var sign = "\u{2022} "
            switch document.nodes[item].kind {
            case .taskItem, .blockTaskItem:
                let done = document.attribute(.state, of: item)?.elementsEqual("DONE".utf8) == true
                sign = done ? "\u{2611} " : "\u{2610} "
            default: if document.nodes[index].kind == .orderedList { sign = "\(number). " }
            }
            number &+= 1
            var words = cellLines(item)
            if words.isEmpty { words = [[]] }
            words[0] = Array(sign.utf8) + words[0]
            lines += words
        }
        return lines
    }
}
