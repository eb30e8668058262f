import FastJSON
import MarkupText

/// Reads Atlassian Document Format into the tree. Lenient: what is oddly placed is put where it can be shown.
struct ADFReader: ~Copyable {
    var builder: DocumentBuilder
    private let limits: DocumentLimits
    private var depth = 0
    /// Inside an unknown node, whose JSON already holds everything below it.
    private var insideUnknown = false

    init(limits: DocumentLimits) {
        self.limits = limits
        builder = DocumentBuilder(limits: limits)
    }

    consuming func finish() -> Document { builder.finish() }

    /// The members of a node that matter, found in one walk.
    struct Parts {
        var type: UnsafeBufferPointer<UInt8>?
        var text: JSONView?
        var content: JSONView?
        var attrs: JSONView?
        var marks: JSONView?

        @inline(__always) init(_ node: JSONView) {
            for member in node.members {
                switch member.key.count {
                case 4 where member.isNamed("type"): type = member.value.utf8
                case 4 where member.isNamed("text"): text = member.value
                case 5 where member.isNamed("attrs"): attrs = member.value
                case 5 where member.isNamed("marks"): marks = member.value
                case 7 where member.isNamed("content"): content = member.value
                default: break
                }
            }
        }
    }

    mutating func readDocument(_ root: JSONView) throws(DocumentError) {
        let parts = Parts(root)
        guard let type = parts.type else {
            throw DocumentError(.notADocument, "the JSON is not an object with a \"type\"")
        }
        if NodeKind.byName[type] == .doc {
            if let content = parts.content { try readBlocks(content) }
        } else {
            var inParagraph = false
            try readInBlocks(root, parts, &inParagraph)
        }
    }

    private mutating func descend(
        _ body: (inout ADFReader) throws(DocumentError) -> Void
    ) throws(DocumentError) {
        depth += 1
        guard depth < limits.maximumDepth else { throw .tooDeep(limits.maximumDepth) }
        try body(&self)
        depth -= 1
    }

    // MARK: Block context

    /// Reads an array of nodes where blocks are expected; stray inline nodes get a paragraph around them.
    private mutating func readBlocks(_ content: JSONView) throws(DocumentError) {
        var inParagraph = false
        for child in content.elements { try readInBlocks(child, Parts(child), &inParagraph) }
        if inParagraph { builder.close() }
    }

    private mutating func readInBlocks(
        _ node: JSONView, _ parts: Parts, _ inParagraph: inout Bool
    ) throws(DocumentError) {
        let kind = parts.type.flatMap { NodeKind.byName[$0] }
        let isInline = kind?.isInline == true
        if isInline, !inParagraph { try builder.open(.paragraph) }
        if !isInline, inParagraph { builder.close() }
        inParagraph = isInline
        if isInline { try readInline(node, parts, kind) } else { try readBlock(node, parts, kind) }
    }

    private mutating func readBlock(_ node: JSONView, _ parts: Parts, _ kind: NodeKind?) throws(DocumentError) {
        guard let kind else { return try readUnknown(node, parts, as: .unknownBlock) }
        let marks = try readFacts(parts)
        switch kind {
        case .media, .rule, .blockCard, .embedCard, .extension, .syncBlock:
            try builder.leaf(kind, marks: marks)
        default:
            try builder.open(kind)
            if let content = parts.content {
                try descend { reader throws(DocumentError) in
                    switch kind {
                    case .codeBlock: try reader.readCode(content)
                    case _ where kind.holdsInlines: try reader.readInlines(content)
                    default: try reader.readBlocks(content)
                    }
                }
            }
            builder.close()
        }
    }

    /// Keeps an unknown node: its type, its own words, (outermost only) its JSON, and what it contains.
    private mutating func readUnknown(
        _ node: JSONView, _ parts: Parts, as kind: NodeKind
    ) throws(DocumentError) {
        if let type = parts.type { builder.set(.title, type) }
        if let text = parts.text?.utf8 ?? parts.attrs?["text"]?.utf8 ?? node.utf8 { builder.set(.text, text) }
        if !insideUnknown { builder.set(.raw, String(decoding: node.serialized(), as: UTF8.self)) }
        if kind.isInline { try builder.leaf(kind) } else { try builder.open(kind) }
        if let content = parts.content {
            let outer = insideUnknown
            insideUnknown = true
            try descend { reader throws(DocumentError) in
                if kind.isInline { try reader.readInlines(content) } else { try reader.readBlocks(content) }
            }
            insideUnknown = outer
        }
        if !kind.isInline { builder.close() }
    }

    // MARK: Inline context

    private mutating func readInlines(_ content: JSONView) throws(DocumentError) {
        for child in content.elements {
            let parts = Parts(child)
            try readInline(child, parts, parts.type.flatMap { NodeKind.byName[$0] })
        }
    }

    private mutating func readInline(_ node: JSONView, _ parts: Parts, _ kind: NodeKind?) throws(DocumentError) {
        switch kind {
        case .text:
            guard let text = parts.text?.utf8 else { return try readUnknown(node, parts, as: .unknownInline) }
            if builder.endsWithChip, let first = text.first,
                MarkdownEscaping.isLetter(first) || MarkdownEscaping.isDigit(first)
            {
                try builder.text(" ")
            }
            let marks = parts.marks == nil ? [] : try readMarks(parts.marks)
            try builder.text(text, marks: marks)
        case .media: try readLeaf(parts, .mediaInline)
        case .blockCard, .embedCard: try readLeaf(parts, .inlineCard)
        case .some(let kind) where kind.isInline: try readLeaf(parts, kind)
        case .some:
            // A block where only a line of text can stand: its words go on in that line.
            if !builder.isEmpty { try builder.leaf(.hardBreak) }
            if let content = parts.content {
                try descend { reader throws(DocumentError) in try reader.readInlines(content) }
            }
        case nil:
            try readUnknown(node, parts, as: .unknownInline)
        }
    }

    private mutating func readLeaf(_ parts: Parts, _ kind: NodeKind) throws(DocumentError) {
        // A chip that touches a word would be read as part of it.
        if kind.isChip, builder.endsWithWord { try builder.text(" ") }
        let marks = try readFacts(parts)
        try builder.leaf(kind, marks: marks)
    }

    /// Reads a code block's content: text only, whatever stands there.
    private mutating func readCode(_ content: JSONView) throws(DocumentError) {
        for child in content.elements {
            let parts = Parts(child)
            if let text = parts.text?.utf8 {
                try builder.text(text)
            } else if parts.type.flatMap({ NodeKind.byName[$0] }) == .hardBreak {
                try builder.text("\n")
            } else {
                try readInline(child, parts, parts.type.flatMap { NodeKind.byName[$0] })
            }
        }
    }
}
