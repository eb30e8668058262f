extension Document {
    /// The words a node without text of its own is shown with, in every format; raw, not yet escaped.
    func label(of index: Int) -> [UInt8] {
        switch nodes[index].kind {
        case .mention:
            guard let name = attribute(.text, of: index) ?? attribute(.id, of: index), !name.isEmpty else {
                return Array("@unknown".utf8)
            }
            return name.first == UInt8(ascii: "@") ? Array(name) : [UInt8(ascii: "@")] + name
        case .emoji:
            return Array(nonEmpty(.text, index) ?? nonEmpty(.shortName, index) ?? [])
        case .date:
            guard let timestamp = attribute(.timestamp, of: index) else { return [] }
            return CalendarDay.iso(milliseconds: timestamp) ?? Array(timestamp)
        case .status, .placeholder:
            return Array(attribute(.text, of: index) ?? [])
        case .inlineCard, .blockCard, .embedCard:
            return cardLabel(index)
        case .media, .mediaInline:
            return Array(
                nonEmpty(.alt, index) ?? nonEmpty(.url, index) ?? nonEmpty(.id, index)
                    ?? ArraySlice("attachment".utf8))
        case .extension, .bodiedExtension, .inlineExtension:
            let key = attribute(.extensionKey, of: index) ?? []
            return bracketed("extension: ", key, nonEmpty(.text, index))
        case .syncBlock:
            return bracketed("synced block: ", attribute(.resourceId, of: index) ?? [], nil)
        case .unknownBlock, .unknownInline:
            return bracketed("unsupported: ", attribute(.title, of: index) ?? [], nonEmpty(.text, index))
        default:
            return []
        }
    }

    /// ``label(of:)``, with a person's present name where the caller knows it.
    func label(of index: Int, links: DocumentLinks) -> [UInt8] {
        guard nodes[index].kind == .mention, let id = string(.id, of: index), let name = links.personName(id) else {
            return label(of: index)
        }
        return Array("@\(name)".utf8)
    }

    /// Where a smart link leads and what it is called, as far as it says.
    func cardLink(of index: Int) -> (url: String?, title: String?) {
        if let url = nonEmpty(.url, index) { return (String(decoding: url, as: UTF8.self), nil) }
        guard let data = nonEmpty(.data, index) else { return (nil, nil) }
        let card = CardData(json: Array(data))
        return (card.url, card.name)
    }

    /// A smart link's address or title; for a list of issues, what it lists.
    private func cardLabel(_ index: Int) -> [UInt8] {
        if let url = nonEmpty(.url, index) { return Array(url) }
        if let data = nonEmpty(.data, index) { return Array(CardData(json: Array(data)).label.utf8) }
        if let datasource = nonEmpty(.datasource, index) {
            return bracketed("list: ", ArraySlice(CardData(json: Array(datasource)).query.utf8), nil)
        }
        return Array("[card]".utf8)
    }

    func nonEmpty(_ name: AttributeName, _ index: Int) -> ArraySlice<UInt8>? {
        attribute(name, of: index).flatMap { $0.isEmpty ? nil : $0 }
    }

    private func bracketed(
        _ kind: StaticString, _ name: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>?
    ) -> [UInt8] {
        var label: [UInt8] = [UInt8(ascii: "[")]
        label += kind.withUTF8Buffer { Array($0) }
        label += name.isEmpty ? ArraySlice("unnamed".utf8) : name
        label.append(UInt8(ascii: "]"))
        if let text {
            label.append(0x20)
            label += text
        }
        return label
    }
}
