/// The text of one issue, ready to be written: put together off the writing thread, as this is most of the work.
public struct SearchText: Sendable {
    /// One text for everybody who sees the issue, first, and one for each restriction that occurs, ascending.
    let documents: [Document]
    let stored: [UInt8]

    /// The three columns of one row of the word table.
    struct Document: Hashable, Sendable {
        var restriction: Int?
        var columns = ["", "", ""]
        /// A bit for each kind of passage in it.
        var kinds: UInt32 = 0

        func length(_ column: Int) -> Int { columns[column].utf8.count }

        func hasWords(of other: Document) -> Bool { restriction == other.restriction && columns == other.columns }
    }

    /// - Throws: `SearchError` with code `text_not_stored` when the text can't be compressed.
    public init(_ passages: [SearchPassage]) throws(SearchError) {
        let kept = Self.clipped(passages)
        documents = Self.documents(of: kept)
        stored = try PassageCoding.encode(kept)
    }

    static func documents(of passages: [SearchPassage]) -> [Document] {
        var byRestriction: [Int: Document] = [-1: Document()]
        for passage in passages {
            let place = passage.restriction ?? -1
            var document = byRestriction[place] ?? Document(restriction: passage.restriction)
            document.kinds |= 1 << UInt32(passage.kind.rawValue)
            // A passage break, so that no phrase reaches from one passage into the next.
            if !document.columns[passage.kind.column].isEmpty { document.columns[passage.kind.column] += "\u{1E}" }
            document.columns[passage.kind.column] += passage.text
            byRestriction[place] = document
        }
        return byRestriction.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func clipped(_ passages: [SearchPassage]) -> [SearchPassage] {
        var left = SearchPassage.issueLengthLimit
        return passages.map { passage in
            var passage = passage
            let limit = min(SearchPassage.lengthLimit, left)
            if passage.text.utf8.count > limit { passage.text = String(passage.text.prefix(bytes: limit)) }
            left -= passage.text.utf8.count
            return passage
        }
    }
}

extension String {
    /// At most `bytes` bytes of the text, never ending inside a character's encoding.
    func prefix(bytes: Int) -> Substring {
        guard utf8.count > bytes else { return self[...] }
        let end = utf8.index(utf8.startIndex, offsetBy: max(0, bytes))
        return self[..<unicodeScalars.index(roundedDown: end)]
    }
}

extension String.UnicodeScalarView {
    fileprivate func index(roundedDown index: Index) -> Index {
        var index = index
        let bytes = String(self).utf8
        while index > bytes.startIndex, index < bytes.endIndex, bytes[index] & 0xC0 == 0x80 {
            index = bytes.index(before: index)
        }
        return index
    }
}
