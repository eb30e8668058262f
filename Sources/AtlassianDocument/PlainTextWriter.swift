import MarkupText

/// Writes a document's text for searching: every word a reader sees, and little else.
///
/// On the path of every issue read, so it works on bytes and makes no strings.
struct PlainTextWriter {
    private let document: Document
    private var out: [UInt8] = []
    /// Inside a table cell, where blocks are parted by spaces.
    private var inCell = false
    private var listDepth = 0
    /// A list marker has just been written: the next block goes on in its line.
    private var afterMarker = false

    init(_ document: Document) {
        self.document = document
        out.reserveCapacity(document.bytes.count + document.nodes.count)
    }

    mutating func write() -> [UInt8] {
        blocks(of: 0)
        while let last = out.last, last == 0x0A || last == 0x20 || last == 0x09 { out.removeLast() }
        return out
    }

    // MARK: Blocks

    private mutating func startLine() {
        if afterMarker {
            afterMarker = false
        } else if let last = out.last, last != 0x0A, last != 0x09 {
            out.append(inCell ? 0x20 : 0x0A)
        }
    }

    private mutating func line(_ text: some Collection<UInt8>) {
        startLine()
        out.append(contentsOf: text)
    }

    private mutating func blocks(of parent: Int) {
        var index = parent + 1
        let end = Int(document.nodes[parent].end)
        while index < end {
            block(index)
            index = Int(document.nodes[index].end)
        }
    }

    private mutating func block(_ index: Int) {
        let kind = document.nodes[index].kind
        switch kind {
        case .paragraph, .heading, .codeBlock, .caption:
            if kind == .codeBlock, let title = document.attribute(.title, of: index) { line(title) }
            guard document.nodes[index].end > UInt32(index + 1) else { return }
            startLine()
            inlines(of: index)
        case .bulletList, .orderedList, .taskList, .decisionList:
            list(index)
        case .table:
            for row in document.children(of: index) { tableRow(row) }
        case .panel, .expand, .nestedExpand:
            if let title = document.attribute(.title, of: index) { line(title) }
            blocks(of: index)
        case .rule:
            startLine()
        case .media, .blockCard, .embedCard, .extension, .bodiedExtension, .syncBlock, .unknownBlock:
            let label = document.label(of: index)
            if !label.isEmpty { line(label) }
            blocks(of: index)
        default:
            if kind.isInline {
                inline(index)
            } else if kind.holdsInlines {
                startLine()
                inlines(of: index)
            } else {
                blocks(of: index)
            }
        }
    }

    private mutating func list(_ index: Int) {
        let kind = document.nodes[index].kind
        var number = document.number(.order, of: index) ?? 1
        for item in document.children(of: index) {
            let itemKind = document.nodes[item].kind
            if itemKind == .taskList || itemKind == .bulletList || itemKind == .orderedList {
                listDepth += 1
                list(item)
                listDepth -= 1
                continue
            }
            startLine()
            if !inCell { for _ in 0..<min(listDepth, 20) { out.append(contentsOf: [0x20, 0x20]) } }
            marker(kind, item: item, number: number)
            number &+= 1
            afterMarker = true
            listDepth += 1
            if itemKind == .taskItem || itemKind == .decisionItem {
                afterMarker = false
                inlines(of: item)
            } else if itemKind == .listItem || itemKind == .blockTaskItem {
                blocks(of: item)
            } else {
                block(item)
            }
            listDepth -= 1
            afterMarker = false
        }
    }

    private mutating func marker(_ kind: NodeKind, item: Int, number: Int) {
        switch kind {
        case .orderedList:
            out.append(contentsOf: String(number).utf8)
            out.append(contentsOf: ". ".utf8)
        case .taskList:
            let done = document.attribute(.state, of: item)?.elementsEqual("DONE".utf8) == true
            out.append(contentsOf: (done ? "[x] " : "[ ] ").utf8)
        default:
            out.append(contentsOf: "- ".utf8)
        }
    }

    private mutating func tableRow(_ row: Int) {
        guard document.nodes[row].kind == .tableRow else { return block(row) }
        startLine()
        let outer = (inCell, listDepth)
        (inCell, listDepth) = (true, 0)
        var isFirst = true
        for cell in document.children(of: row) {
            if !isFirst { out.append(0x09) }
            isFirst = false
            blocks(of: cell)
        }
        (inCell, listDepth) = outer
        if !inCell { out.append(0x0A) }
    }

    // MARK: Inline

    private mutating func inlines(of parent: Int) {
        let end = Int(document.nodes[parent].end)
        var index = parent + 1
        while index < end {
            let node = document.nodes[index]
            if node.marks.contains(.link) {
                index = linkedRun(from: index, to: end)
                continue
            }
            if node.kind == .text {
                appendText(node)
            } else {
                inline(index)
            }
            index = Int(node.end)
        }
    }

    /// Writes a run of nodes that share one link, then the link's target where the words are not the target itself.
    private mutating func linkedRun(from first: Int, to end: Int) -> Int {
        guard let target = document.attribute(.href, of: first) else {
            inline(first)
            return Int(document.nodes[first].end)
        }
        let start = out.count
        var index = first
        while index < end, document.nodes[index].marks.contains(.link),
            document.attribute(.href, of: index)?.elementsEqual(target) == true
        {
            inline(index)
            index = Int(document.nodes[index].end)
        }
        if !out[start...].elementsEqual(target), SafeURL.isWebOrMail(target) {
            out.append(contentsOf: " (".utf8)
            out.append(contentsOf: target)
            out.append(UInt8(ascii: ")"))
        }
        return index
    }

    private mutating func inline(_ index: Int) {
        let node = document.nodes[index]
        switch node.kind {
        case .text: appendText(node)
        case .hardBreak: out.append(inCell ? 0x20 : 0x0A)
        default: out.append(contentsOf: document.label(of: index))
        }
    }

    private mutating func appendText(_ node: NodeRecord) {
        let start = Int(node.textStart)
        let end = start + Int(node.textCount)
        if inCell {
            out += document.bytes[start..<end].lazy.map { $0 == 0x0A || $0 == 0x0D || $0 == 0x09 ? 0x20 : $0 }
        } else {
            out += document.bytes[start..<end]
        }
    }
}
