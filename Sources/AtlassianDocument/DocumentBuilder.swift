import MarkupText

/// Puts a document together in reading order and enforces its limits.
///
/// Attributes are given before the node they belong to. Every `open` needs its `close`.
struct DocumentBuilder: ~Copyable {
    private(set) var nodes: [NodeRecord] = []
    private var bytes: [UInt8] = []
    private var attributes: [AttributeRecord] = []
    private var path: [Int32] = []
    private var firstPending = 0
    private let limits: DocumentLimits

    init(limits: DocumentLimits, expectedBytes: Int = 256) {
        self.limits = limits
        bytes.reserveCapacity(expectedBytes)
        nodes.reserveCapacity(16)
        nodes.append(NodeRecord(kind: .doc))
        path.append(0)
    }

    /// Levels of open nodes, the document itself included.
    var depth: Int { path.count }

    /// Whether the innermost open node has no child yet.
    var isEmpty: Bool { path.last.map { Int($0) + 1 == nodes.count } ?? true }

    /// The kind of the innermost open node.
    var current: NodeKind { path.last.map { nodes[Int($0)].kind } ?? .doc }

    /// The last node added, open or closed.
    var last: NodeKind { nodes.last?.kind ?? .doc }

    /// Whether the line so far ends with a letter or digit.
    var endsWithWord: Bool {
        guard !isEmpty, let node = nodes.last, node.kind == .text, let byte = bytes.last else { return false }
        return byte >= 0x80 || MarkdownEscaping.isLetter(byte) || MarkdownEscaping.isDigit(byte)
    }

    /// Whether the line so far ends with a node that Jira shows as a chip, apart from the words beside it.
    var endsWithChip: Bool { !isEmpty && last.isChip }

    consuming func finish() -> Document {
        while !path.isEmpty { close() }
        return Document(nodes: nodes, bytes: bytes, attributes: attributes)
    }

    // MARK: Attributes of the next node

    mutating func set(_ name: AttributeName, _ value: UnsafeBufferPointer<UInt8>) {
        attributes.append(
            AttributeRecord(name: name, start: UInt32(bytes.count), count: UInt32(value.count), number: 0))
        bytes.append(contentsOf: value)
    }

    mutating func set(_ name: AttributeName, _ value: String) {
        var value = value
        value.withUTF8 { set(name, $0) }
    }

    mutating func set(_ name: AttributeName, _ value: Int) {
        attributes.append(
            AttributeRecord(name: name, start: 0, count: 0, number: Int32(clamping: value)))
    }

    // MARK: Nodes

    mutating func open(_ kind: NodeKind) throws(DocumentError) {
        guard path.count < limits.maximumDepth else { throw .tooDeep(limits.maximumDepth) }
        path.append(Int32(nodes.count))
        try append(NodeRecord(kind: kind))
    }

    mutating func close() {
        guard let index = path.popLast() else { return }
        nodes[Int(index)].end = UInt32(nodes.count)
    }

    mutating func leaf(_ kind: NodeKind, marks: Marks = []) throws(DocumentError) {
        var node = NodeRecord(kind: kind, marks: marks)
        node.end = UInt32(nodes.count + 1)
        try append(node)
    }

    /// Adds text; a run with the same plain marks as the text before it is joined to it.
    mutating func text(_ value: UnsafeBufferPointer<UInt8>, marks: Marks = []) throws(DocumentError) {
        if value.isEmpty {
            attributes.removeSubrange(firstPending...)
            return
        }
        let last = nodes.count - 1
        if attributes.count == firstPending, nodes[last].kind == .text, nodes[last].marks == marks,
            nodes[last].attributeCount == 0, !isEmpty,
            Int(nodes[last].textStart) + Int(nodes[last].textCount) == bytes.count
        {
            nodes[last].textCount += UInt32(value.count)
            bytes.append(contentsOf: value)
            return try checkSize()
        }
        var node = NodeRecord(kind: .text, marks: marks)
        node.textStart = UInt32(bytes.count)
        node.textCount = UInt32(value.count)
        node.end = UInt32(nodes.count + 1)
        bytes.append(contentsOf: value)
        try append(node)
    }

    mutating func text(_ value: String, marks: Marks = []) throws(DocumentError) {
        try text(Array(value.utf8), marks: marks)
    }

    mutating func text(_ value: [UInt8], marks: Marks = []) throws(DocumentError) {
        try value.withUnsafeBufferPointer { buffer throws(DocumentError) in try text(buffer, marks: marks) }
    }

    private mutating func append(_ node: NodeRecord) throws(DocumentError) {
        guard nodes.count < limits.maximumNodes else { throw .tooLarge("parts", limits.maximumNodes) }
        var node = node
        node.attributeStart = UInt32(firstPending)
        node.attributeCount = UInt16(clamping: attributes.count - firstPending)
        firstPending = attributes.count
        nodes.append(node)
        try checkSize()
    }

    private func checkSize() throws(DocumentError) {
        guard bytes.count <= limits.maximumBytes else { throw .tooLarge("bytes", limits.maximumBytes) }
    }
}
