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
        var seen: Set<MediaReference> = []
        var found: [MediaReference] = []
        for index in nodes.indices where nodes[index].kind == .media || nodes[index].kind == .mediaInline {
            let reference = mediaReference(of: index)
            if seen.insert(reference).inserted { found.append(reference) }
        }
        return found
    }

    /// The account ids (Data Center: user names) mentioned, each once, in reading order.
    public var mentions: [String] {
        var seen: Set<String> = []
        return nodes.indices.compactMap { index in
            guard nodes[index].kind == .mention, let id = string(.id, of: index), seen.insert(id).inserted else {
                return nil
            }
            return id
        }
    }

    func mediaReference(of index: Int) -> MediaReference {
        MediaReference(
            id: string(.id, of: index), fileName: string(.alt, of: index), url: string(.url, of: index))
    }
}
