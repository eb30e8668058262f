/// One node of a ``Document``, for walking the tree.
public struct DocumentNode: Sendable {
    let document: Document
    let index: Int

    private var record: NodeRecord { document.nodes[index] }

    public var kind: NodeKind { record.kind }
    public var marks: Marks { record.marks }

    /// The text of a `text` node; empty for every other kind.
    public var text: String {
        let start = Int(record.textStart)
        return String(decoding: document.bytes[start..<start + Int(record.textCount)], as: UTF8.self)
    }

    /// The value of a textual attribute, `nil` where the node has none.
    public subscript(_ name: AttributeName) -> String? {
        document.attribute(name, of: index).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The value of a numeric attribute, `nil` where the node has none.
    public func number(_ name: AttributeName) -> Int? {
        document.number(name, of: index)
    }

    /// The node's children in reading order.
    public var children: Children { Children(document: document, position: index + 1, end: Int(record.end)) }

    public struct Children: Sequence, IteratorProtocol, Sendable {
        let document: Document
        var position: Int
        let end: Int

        public mutating func next() -> DocumentNode? {
            guard position < end else { return nil }
            defer { position = Int(document.nodes[position].end) }
            return DocumentNode(document: document, index: position)
        }
    }
}

extension Document {
    /// The `doc` node.
    public var root: DocumentNode { DocumentNode(document: self, index: 0) }

    private func record(_ name: AttributeName, of index: Int) -> AttributeRecord? {
        let start = Int(nodes[index].attributeStart)
        return attributes[start..<start + Int(nodes[index].attributeCount)].first { $0.name == name }
    }

    func attribute(_ name: AttributeName, of index: Int) -> ArraySlice<UInt8>? {
        record(name, of: index).map { bytes[Int($0.start)..<Int($0.start) + Int($0.count)] }
    }

    func string(_ name: AttributeName, of index: Int) -> String? {
        attribute(name, of: index).map { String(decoding: $0, as: UTF8.self) }
    }

    func number(_ name: AttributeName, of index: Int) -> Int? {
        record(name, of: index).map { Int($0.number) }
    }

    /// The children of a node, by index.
    func children(of index: Int) -> ChildIndices {
        ChildIndices(nodes: nodes, position: index + 1, end: Int(nodes[index].end))
    }

    struct ChildIndices: Sequence, IteratorProtocol {
        let nodes: [NodeRecord]
        var position: Int
        let end: Int

        mutating func next() -> Int? {
            guard position < end else { return nil }
            defer { position = Int(nodes[position].end) }
            return position
        }
    }

    func text(of index: Int) -> ArraySlice<UInt8> {
        let node = nodes[index]
        return bytes[Int(node.textStart)..<Int(node.textStart) + Int(node.textCount)]
    }
}
