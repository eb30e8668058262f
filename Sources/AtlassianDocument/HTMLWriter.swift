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
        case .blockquote: element("blockquote") { $0.blocks(of: index) }
        case .panel: panel(index)
        case .rule: raw("<hr>\n")
        case .bulletList, .decisionList, .taskList: list("ul", index)
        case .orderedList: list("ol", index)
        case .table: table(index)
        case .expand, .nestedExpand: expand(index)
        case .mediaSingle: element("figure") { $0.blocks(of: index) }
        case .caption: element("figcaption") { $0.inlines(of: index) }
        case .layoutSection: element("div", class: "layout") { $0.blocks(of: index) }
        case .layoutColumn: element("div", class: "column") { $0.blocks(of: index) }
        case .mediaGroup: element("div", class: "media-group") { $0.blocks(of: index) }
        case .media: element("div", class: "media") { $0.media(index) }
        case .blockCard, .embedCard: element("p") { $0.card(index) }
        case .extension, .bodiedExtension, .syncBlock, .unknownBlock: labelled(index)
        case let kind where kind.isInline: leaf(index)
        case let kind where kind.holdsInlines: container("p", index)
        default: blocks(of: index)
        }
    }

    /// Writes `<name class="…">`, the body, `</name>` and a line end.
    private mutating func element(
        _ name: StaticString, class names: String? = nil, _ body: (inout HTMLWriter) -> Void
    ) {
        raw("<")
        raw(name)
        if let names, !names.isEmpty { attribute("class", names.utf8) }
        raw(">")
        body(&self)
        raw("</")
        raw(name)
        raw(">\n")
    }

    /// A paragraph or heading with what the editor said about its place.
    private mutating func container(_ name: StaticString, _ index: Int) {
        var classes: [String] = []
        if let align = document.attribute(.align, of: index) {
            classes.append("align-" + String(decoding: word(align), as: UTF8.self))
        }
        if let level = document.number(.indentation, of: index) { classes.append("indent-\(max(1, min(6, level)))") }
        if document.attribute(.fontSize, of: index) != nil { classes.append("small") }
        element(name, class: classes.joined(separator: " ")) { $0.inlines(of: index) }
    }

    private mutating func heading(_ index: Int) {
        let names: [StaticString] = ["h1", "h2", "h3", "h4", "h5", "h6"]
        container(names[max(1, min(6, document.number(.level, of: index) ?? 1)) - 1], index)
    }

    private mutating func title(_ index: Int, class name: String) {
        guard let title = document.nonEmpty(.title, index) else { return }
        element("p", class: name) { writer in
            writer.raw("<strong>")
            writer.escaped(title)
            writer.raw("</strong>")
        }
    }

    private mutating func codeBlock(_ index: Int) {
        title(index, class: "code-title")
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
        let type = document.attribute(.panelType, of: index).map { String(decoding: word($0), as: UTF8.self) } ?? ""
        element("div", class: type.isEmpty ? "panel" : "panel panel-\(type)") { writer in
            writer.title(index, class: "panel-title")
            writer.blocks(of: index)
        }
    }

    private mutating func expand(_ index: Int) {
        let title = document.nonEmpty(.title, index) ?? ArraySlice("Details".utf8)
        element("details") { writer in
            writer.element("summary") { $0.escaped(title) }
            writer.blocks(of: index)
        }
    }

    /// A block shown by its label, with its content below.
    private mutating func labelled(_ index: Int) {
        let label = document.label(of: index)
        element("div", class: "unsupported") { writer in
            writer.element("p") { $0.escaped(label) }
            writer.blocks(of: index)
        }
    }
}
