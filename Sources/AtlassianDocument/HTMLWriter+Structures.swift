import MarkupText

extension HTMLWriter {
    // MARK: Lists

    mutating func list(_ element: StaticString, _ index: Int) {
        let kind = document.nodes[index].kind
        raw("<")
        raw(element)
        if kind == .orderedList, let start = document.number(.order, of: index), start != 1 {
            attribute("start", start)
        }
        if kind == .taskList { raw(" class=\"tasks\"") }
        if kind == .decisionList { raw(" class=\"decisions\"") }
        raw(">\n")
        for item in document.children(of: index) { listItem(item) }
        raw("</")
        raw(element)
        raw(">\n")
    }

    private mutating func listItem(_ item: Int) {
        raw("<li>")
        switch document.nodes[item].kind {
        case .taskItem:
            raw(isDone(item) ? "\u{2611} " : "\u{2610} ")
            inlines(of: item)
        case .blockTaskItem:
            raw(isDone(item) ? "\u{2611} " : "\u{2610} ")
            blocks(of: item)
        case .decisionItem: inlines(of: item)
        case .listItem: blocks(of: item)
        default: block(item)
        }
        raw("</li>\n")
    }

    private func isDone(_ item: Int) -> Bool {
        document.attribute(.state, of: item)?.elementsEqual("DONE".utf8) == true
    }

    // MARK: Tables

    mutating func table(_ index: Int) {
        raw("<table><tbody>\n")
        for row in document.children(of: index) {
            raw("<tr>")
            if document.nodes[row].kind == .tableRow {
                for cell in document.children(of: row) { tableCell(cell) }
            } else {
                raw("<td>")
                block(row)
                raw("</td>")
            }
            raw("</tr>\n")
        }
        raw("</tbody></table>\n")
    }

    private mutating func tableCell(_ cell: Int) {
        let isHeader = document.nodes[cell].kind == .tableHeader
        raw(isHeader ? "<th" : "<td")
        if let span = document.number(.colspan, of: cell), span > 1 { attribute("colspan", min(span, 1_000)) }
        if let span = document.number(.rowspan, of: cell), span > 1 { attribute("rowspan", min(span, 1_000)) }
        if let color = document.attribute(.background, of: cell), let safe = SafeColor.css(color) {
            attribute("style", Array("background-color: ".utf8) + safe)
        }
        raw(">")
        switch document.nodes[cell].kind {
        case .tableCell, .tableHeader: blocks(of: cell)
        default: block(cell)
        }
        raw(isHeader ? "</th>" : "</td>")
    }

    // MARK: Inline

    mutating func inlines(of parent: Int) {
        var closers: [StaticString] = []
        let wanted: Marks = [
            .link, .strong, .em, .citation, .strike, .underline, .subscript, .superscript, .code, .textColor,
            .backgroundColor,
        ]
        for event in document.inlineEvents(of: parent, wanted: wanted) {
            switch event {
            case .open(let span): closers.append(open(span))
            case .close(let span):
                if span.mark == .link { isInLink = false }
                if let closer = closers.popLast() { raw(closer) }
            case .leaf(let index): leaf(index)
            }
        }
    }

    /// Opens an effect and answers the tag that closes it.
    private mutating func open(_ span: Span) -> StaticString {
        switch span.mark {
        case .strong: raw("<strong>")
        case .em: raw("<em>")
        case .citation: raw("<cite>")
        case .strike: raw("<s>")
        case .underline: raw("<u>")
        case .subscript: raw("<sub>")
        case .superscript: raw("<sup>")
        case .code: raw("<code>")
        case .link where SafeURL.link(span.value) != nil:
            openLink(SafeURL.link(span.value) ?? [])
            isInLink = true
            return "</a>"
        default:
            raw("<span")
            // The words of a refused link stay; its target is shown as text, so that nothing is lost or clicked.
            if span.mark == .link { attribute("title", span.value) }
            if span.mark != .link, let color = SafeColor.css(span.value) {
                let property = span.mark == .textColor ? "color: " : "background-color: "
                attribute("style", Array(property.utf8) + color)
            }
            raw(">")
        }
        return Self.closers[span.mark] ?? "</span>"
    }

    private static let closers: [Marks: StaticString] = [
        .strong: "</strong>", .em: "</em>", .citation: "</cite>", .strike: "</s>", .underline: "</u>",
        .subscript: "</sub>", .superscript: "</sup>", .code: "</code>",
    ]

    private mutating func openLink(_ url: [UInt8]) {
        raw("<a")
        attribute("href", url)
        raw(" rel=\"nofollow noopener noreferrer\">")
    }

    mutating func leaf(_ index: Int) {
        switch document.nodes[index].kind {
        case .text: lines(document.text(of: index))
        case .hardBreak: raw("<br>\n")
        case .mention:
            raw("<span class=\"mention\"")
            if let id = document.attribute(.id, of: index) { attribute("data-account", id) }
            raw(">")
            escaped(document.label(of: index, links: links))
            raw("</span>")
        case .status:
            let color = document.attribute(.color, of: index).map(word) ?? []
            span("status status-" + String(decoding: color, as: UTF8.self), document.label(of: index))
        case .date:
            let day = document.label(of: index)
            raw("<time")
            attribute("datetime", day)
            raw(">")
            escaped(day)
            raw("</time>")
        case .inlineCard: card(index)
        case .mediaInline: media(index)
        case .unknownInline, .inlineExtension:
            span("unsupported", document.label(of: index))
        default: escaped(document.label(of: index))
        }
    }

    private mutating func span(_ name: String, _ words: [UInt8]) {
        raw("<span")
        attribute("class", name.utf8)
        raw(">")
        escaped(words)
        raw("</span>")
    }

    private mutating func lines(_ text: ArraySlice<UInt8>) {
        var isFirst = true
        for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if !isFirst { raw("<br>\n") }
            isFirst = false
            escaped(line)
        }
    }

    mutating func card(_ index: Int) {
        let link = document.cardLink(of: index)
        guard !isInLink, let url = link.url.flatMap({ SafeURL.link($0.utf8) }) else {
            return escaped(document.label(of: index))
        }
        openLink(url)
        escaped((link.title ?? "").isEmpty ? url : Array((link.title ?? "").utf8))
        raw("</a>")
    }

    mutating func media(_ index: Int) {
        let reference = document.mediaReference(of: index)
        let name = document.label(of: index)
        if let address = links.mediaAddress(reference).flatMap({ SafeURL.link($0.utf8) }) {
            if SafeURL.looksLikeImage(name) {
                raw("<img")
                attribute("src", address)
                attribute("alt", name)
                if let width = document.number(.width, of: index), width > 0 {
                    attribute("width", min(width, 10_000))
                }
                if let height = document.number(.height, of: index), height > 0 {
                    attribute("height", min(height, 10_000))
                }
                raw(">")
            } else {
                linked(name, to: address)
            }
        } else if let url = reference.url.flatMap({ SafeURL.link($0.utf8) }) {
            linked(name, to: url)
        } else {
            span("media", name)
        }
    }

    private mutating func linked(_ name: [UInt8], to url: [UInt8]) {
        if isInLink { return escaped(name) }
        openLink(url)
        escaped(name)
        raw("</a>")
    }
}
