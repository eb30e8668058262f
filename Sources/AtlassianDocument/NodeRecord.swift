/// One node of a document's flat storage. Nodes stand in reading order, each before its children.
struct NodeRecord: Hashable, Sendable {
    var kind: NodeKind
    var marks: Marks = []
    /// Index behind the node's last descendant.
    var end: UInt32 = 0
    /// The node's own text (`text` nodes only), as a range of the document's bytes.
    var textStart: UInt32 = 0
    var textCount: UInt32 = 0
    var attributeStart: UInt32 = 0
    var attributeCount: UInt16 = 0
}

/// One attribute: a number kept in place, or a range of the document's bytes.
struct AttributeRecord: Hashable, Sendable {
    var name: AttributeName
    var start: UInt32
    var count: UInt32
    /// The value of a number.
    var number: Int32
}
