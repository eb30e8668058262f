/// Writes a document as an HTML fragment that is safe to insert into a page, whatever the document says.
///
/// Only the elements and attributes written here can occur. Text and attribute values are escaped, addresses pass
/// ``SafeURL``, colours and languages pass a character list, numbers are written from integers. Images are fetched
/// only from addresses the caller resolved; an external image becomes a link, so reading an issue tells no third
/// party about it.
struct HTMLWriter {
    let document: Document
    let links: DocumentLinks
    var out: [UInt8] = []
    /// Inside a link, where no other link may begin.
    var isInLink = false

    init(_ document: Document, links: DocumentLinks) {
        self.document = document
        self.links = links
        out.reserveCapacity(document.bytes.count * 2 + 64)
    }

    mutating func write() -> String {
        blocks(of: 0)
        return String(decoding: out, as: UTF8.self)
    }

    // MARK: Pieces

    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { out.append(contentsOf: $0) }
    }

    mutating func escaped(_ text: some Collection<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): raw("&amp;")
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case UInt8(ascii: "\""): raw("&quot;")
            case UInt8(ascii: "'"): raw("&#39;")
            case 0x09, 0x0A: out.append(byte)
            case 0x00..<0x20, 0x7F: break
            default: out.append(byte)
            }
        }
    }

    /// Writes ` name="value"`.
    mutating func attribute(_ name: StaticString, _ value: some Collection<UInt8>) {
        raw(" ")
        raw(name)
        raw("=\"")
        escaped(value)
        raw("\"")
    }

    mutating func attribute(_ name: StaticString, _ value: Int) {
        attribute(name, String(value).utf8)
    }

    /// Lower-case letters, digits and hyphens of `text`, for class names.
    func word(_ text: some Collection<UInt8>) -> [UInt8] {
        text.prefix(40).compactMap { byte in
            switch byte {
            case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "#"):
                byte
            case 0x41...0x5A: byte + 0x20
            default: nil
            }
        }
    }

    // MARK: Blocks

    mutating func blocks(of parent: Int) {
        for index in document.children(of: parent) { block(index) }
    }

    mutating func block(_ index: Int) {
        switch document.nodes[index].kind {
        case .paragraph: container("p", index)
        case .heading: heading(index)
        case .codeBlock: codeBlock(index)
        case .blockquote: simple("blockquote", index)
        case .panel: panel(index)
        case .rule: raw("<hr>\n")
        case .bulletList, .decisionList, .taskList: list("ul", index)
        case .orderedList: list("ol", index)
        case .table: table(index)
        case .expand, .nestedExpand: expand(index)
        case .mediaSingle: simple("figure", index)
        case .caption: inlineContainer("figcaption", index)
        case .layoutSection: division("layout", index)
        case .layoutColumn: division("column", index)
        case .mediaGroup: division("media-group", index)
        case .media:
            raw("<div class=\"media\">")
            media(index)
            raw("</div>\n")
        case .blockCard, .embedCard:
            raw("<p>")
            card(index)
            raw("</p>\n")
        case .extension, .bodiedExtension, .syncBlock, .unknownBlock: labelled(index)
        case let kind where kind.isInline: leaf(index)
        case let kind where kind.holdsInlines: container("p", index)
        default: blocks(of: index)
        }
    }

    private mutating func simple(_ element: StaticString, _ index: Int) {
        raw("<")
        raw(element)
        raw(">")
        blocks(of: index)
        raw("</")
        raw(element)
        raw(">\n")
    }

    private mutating func division(_ name: StaticString, _ index: Int) {
        raw("<div class=\"")
        raw(name)
        raw("\">")
        blocks(of: index)
        raw("</div>\n")
    }

    private mutating func inlineContainer(_ element: StaticString, _ index: Int) {
        raw("<")
        raw(element)
        raw(">")
        inlines(of: index)
        raw("</")
        raw(element)
        raw(">\n")
    }

    /// A paragraph or heading with what the editor said about its place.
    private mutating func container(_ element: StaticString, _ index: Int) {
        raw("<")
        raw(element)
        var classes: [UInt8] = []
        if let align = document.attribute(.align, of: index) { classes += Array("align-".utf8) + word(align) }
        if let level = document.number(.indentation, of: index) {
            classes += Array(" indent-\(max(1, min(6, level)))".utf8)
        }
        if document.attribute(.fontSize, of: index) != nil { classes += Array(" small".utf8) }
        if !classes.isEmpty { attribute("class", classes.drop { $0 == 0x20 }) }
        raw(">")
        inlines(of: index)
        raw("</")
        raw(element)
        raw(">\n")
    }

    private mutating func heading(_ index: Int) {
        switch document.number(.level, of: index) ?? 1 {
        case ...1: container("h1", index)
        case 2: container("h2", index)
        case 3: container("h3", index)
        case 4: container("h4", index)
        case 5: container("h5", index)
        default: container("h6", index)
        }
    }

    private mutating func codeBlock(_ index: Int) {
        if let title = document.nonEmpty(.title, index) {
            raw("<p class=\"code-title\"><strong>")
            escaped(title)
            raw("</strong></p>\n")
        }
        raw("<pre><code")
        if let language = document.attribute(.language, of: index) {
            let name = word(language)
            if !name.isEmpty { attribute("class", Array("language-".utf8) + name) }
        }
        raw(">")
        for child in document.children(of: index) {
            if document.nodes[child].kind == .text { escaped(document.text(of: child)) } else { leaf(child) }
        }
        raw("</code></pre>\n")
    }

    private mutating func panel(_ index: Int) {
        raw("<div")
        let type = document.attribute(.panelType, of: index).map(word) ?? []
        attribute("class", Array("panel".utf8) + (type.isEmpty ? [] : Array(" panel-".utf8) + type))
        raw(">")
        if let title = document.nonEmpty(.title, index) {
            raw("<p class=\"panel-title\"><strong>")
            escaped(title)
            raw("</strong></p>\n")
        }
        blocks(of: index)
        raw("</div>\n")
    }

    private mutating func expand(_ index: Int) {
        raw("<details><summary>")
        escaped(document.nonEmpty(.title, index) ?? ArraySlice("Details".utf8))
        raw("</summary>\n")
        blocks(of: index)
        raw("</details>\n")
    }

    /// A block shown by its label, with its content below.
    private mutating func labelled(_ index: Int) {
        raw("<div class=\"unsupported\"><p>")
        escaped(document.label(of: index))
        raw("</p>\n")
        blocks(of: index)
        raw("</div>\n")
    }
}
