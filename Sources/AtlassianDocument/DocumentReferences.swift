/// A file that a document embeds or links to.
public struct MediaReference: Hashable, Sendable {
    /// The media service's id (ADF). Not Jira's attachment id.
    public let id: String?
    /// The attachment's file name: wiki markup's `!name!` and `[^name]`; in ADF the alternative text, where Jira puts it.
    public let fileName: String?
    /// The address of an image that is not an attachment.
    public let url: String?

    public init(id: String? = nil, fileName: String? = nil, url: String? = nil) {
        self.id = id
        self.fileName = fileName
        self.url = url
    }
}

extension Document {
    /// The files embedded in the document, each once, in reading order.
    public var mediaReferences: [MediaReference] {
        unique(.media, .mediaInline) { mediaReference(of: $0) }
    }

    /// The account ids (Data Center: user names) mentioned, each once, in reading order.
    public var mentions: [String] {
        unique(.mention, .mention) { string(.id, of: $0) }
    }

    private func unique<Value: Hashable>(_ first: NodeKind, _ second: NodeKind, _ value: (Int) -> Value?) -> [Value] {
        var seen: Set<Value> = []
        return nodes.indices.lazy.filter { nodes[$0].kind == first || nodes[$0].kind == second }
            .compactMap(value).filter { seen.insert($0).inserted }
    }

    func mediaReference(of index: Int) -> MediaReference {
        MediaReference(
            id: string(.id, of: index), fileName: string(.alt, of: index), url: string(.url, of: index))
    }
}
