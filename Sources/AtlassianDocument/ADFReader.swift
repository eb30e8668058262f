import FastJSON

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
            try readLooseNode(root, parts)
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
        for child in content.elements {
            let parts = Parts(child)
            let kind = parts.type.flatMap { NodeKind.byName[$0] }
            if kind?.isInline == true {
                if !inParagraph { try builder.open(.paragraph) }
                inParagraph = true
                try readInline(child, parts, kind)
            } else {
                if inParagraph { builder.close() }
                inParagraph = false
                try readBlock(child, parts, kind)
            }
        }
        if inParagraph { builder.close() }
    }

    private mutating func readLooseNode(_ node: JSONView, _ parts: Parts) throws(DocumentError) {
        let kind = parts.type.flatMap { NodeKind.byName[$0] }
        if kind?.isInline == true {
            try builder.open(.paragraph)
            try readInline(node, parts, kind)
            builder.close()
        } else {
            try readBlock(node, parts, kind)
        }
    }

    private mutating func readBlock(_ node: JSONView, _ parts: Parts, _ kind: NodeKind?) throws(DocumentError) {
        guard let kind else { return try readUnknownBlock(node, parts) }
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

    private mutating func readUnknownBlock(_ node: JSONView, _ parts: Parts) throws(DocumentError) {
        let wasInsideUnknown = insideUnknown
        describeUnknown(node, parts)
        try builder.open(.unknownBlock)
        if let content = parts.content {
            insideUnknown = true
            try descend { reader throws(DocumentError) in try reader.readBlocks(content) }
            insideUnknown = wasInsideUnknown
        }
        builder.close()
    }

    /// Sets what an unknown node is shown with: its type, its own words, and (outermost only) its JSON.
    private mutating func describeUnknown(_ node: JSONView, _ parts: Parts) {
        if let type = parts.type { builder.set(.title, type) }
        if let text = parts.text?.utf8 ?? parts.attrs?["text"]?.utf8 ?? node.utf8 { builder.set(.text, text) }
        if !insideUnknown { builder.set(.raw, String(decoding: node.serialized(), as: UTF8.self)) }
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
            guard let text = parts.text?.utf8 else { return try readUnknownInline(node, parts) }
            if builder.endsWithChip, let first = text.first,
                MarkdownEscaping.isLetter(first) || MarkdownEscaping.isDigit(first)
            {
                try builder.text(" ")
            }
            let marks = parts.marks == nil ? [] : try readMarks(parts.marks)
            try builder.text(text, marks: marks)
        case .media:
            let marks = try readFacts(parts)
            try builder.leaf(.mediaInline, marks: marks)
        case .blockCard, .embedCard:
            let marks = try readFacts(parts)
            try builder.leaf(.inlineCard, marks: marks)
        case .some(let kind) where kind.isInline:
            // A chip that touches a word would be read as part of it.
            if kind.isChip, builder.endsWithWord { try builder.text(" ") }
            let marks = try readFacts(parts)
            try builder.leaf(kind, marks: marks)
        case .some:
            // A block where only a line of text can stand: its words go on in that line.
            if !builder.isEmpty { try builder.leaf(.hardBreak) }
            if let content = parts.content {
                try descend { reader throws(DocumentError) in try reader.readInlines(content) }
            }
        case nil:
            try readUnknownInline(node, parts)
        }
    }

    private mutating func readUnknownInline(_ node: JSONView, _ parts: Parts) throws(DocumentError) {
        let wasInsideUnknown = insideUnknown
        describeUnknown(node, parts)
        try builder.leaf(.unknownInline)
        if let content = parts.content {
            insideUnknown = true
            try descend { reader throws(DocumentError) in try reader.readInlines(content) }
            insideUnknown = wasInsideUnknown
        }
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
