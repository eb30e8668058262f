import CCmark
import Synchronization
import Testing

@testable import AtlassianDocument

/// The reference parser for GitHub's Markdown, to read back what the writer wrote.
enum CommonMark {
    private static let registered: Bool = {
        cmark_gfm_core_extensions_ensure_registered()
        return true
    }()

    /// One line a block, with its kind: `heading2: Plan`. Blanks are collapsed, breaks are blanks.
    static func outline(_ markdown: String) -> [String] {
        parse(markdown) { root in
            var lines: [String] = []
            walk(root, path: [], into: &lines)
            return lines
        }
    }

    /// All words in reading order, with blanks collapsed: what a reader of the rendered page reads.
    static func words(_ markdown: String) -> String {
        parse(markdown) { root in
            var text = ""
            collect(root, into: &text)
            return text.collapsed
        }
    }

    /// The kinds of all nodes that matter for structure, in reading order.
    static func kinds(_ markdown: String) -> [String] {
        parse(markdown) { root in
            var kinds: [String] = []
            each(root) { node in
                let kind = String(cString: cmark_node_get_type_string(node))
                if !["text", "softbreak", "document", "paragraph"].contains(kind) { kinds.append(kind) }
            }
            return kinds
        }
    }

    /// The destinations of links and images.
    static func destinations(_ markdown: String) -> [String] {
        parse(markdown) { root in
            var found: [String] = []
            each(root) { node in
                let type = cmark_node_get_type(node)
                if type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE {
                    found.append(String(cString: cmark_node_get_url(node)))
                }
            }
            return found
        }
    }

    /// The parser keeps its special characters in global tables, so one document at a time.
    private static let turn = Mutex(())

    private static func parse<Result: Sendable>(_ markdown: String, _ body: (OpaquePointer) -> Result) -> Result {
        turn.withLock { _ in parseAlone(markdown, body) }
    }

    private static func parseAlone<Result>(_ markdown: String, _ body: (OpaquePointer) -> Result) -> Result {
        precondition(registered)
        guard let parser = cmark_parser_new(Int32(CMARK_OPT_DEFAULT | CMARK_OPT_UNSAFE)) else {
            preconditionFailure("the CommonMark parser could not be made")
        }
        defer { cmark_parser_free(parser) }
        for name in ["table", "strikethrough", "autolink", "tasklist"] {
            if let feature = cmark_find_syntax_extension(name) {
                cmark_parser_attach_syntax_extension(parser, feature)
            }
        }
        cmark_parser_feed(parser, markdown, markdown.utf8.count)
        guard let root = cmark_parser_finish(parser) else { preconditionFailure("no CommonMark document") }
        defer { cmark_node_free(root) }
        return body(root)
    }

    private static func each(_ node: OpaquePointer, _ body: (OpaquePointer) -> Void) {
        body(node)
        var child = cmark_node_first_child(node)
        while let present = child {
            each(present, body)
            child = cmark_node_next(present)
        }
    }

    private static func walk(_ node: OpaquePointer, path: [String], into lines: inout [String]) {
        let kind = String(cString: cmark_node_get_type_string(node))
        switch kind {
        case "paragraph", "heading", "code_block", "html_block", "table_cell", "thematic_break":
            var text = ""
            collect(node, into: &text)
            let level = kind == "heading" ? String(cmark_node_get_heading_level(node)) : ""
            lines.append((path + [kind + level]).joined(separator: ">") + ": " + text.collapsed)
        default:
            let label = kind == "document" ? [] : [kind]
            var child = cmark_node_first_child(node)
            while let present = child {
                walk(present, path: path + label, into: &lines)
                child = cmark_node_next(present)
            }
        }
    }

    private static func collect(_ node: OpaquePointer, into text: inout String) {
        let kind = String(cString: cmark_node_get_type_string(node))
        switch kind {
        case "text", "code": text += literal(node)
        case "code_block": text += "\n" + literal(node) + "\n"
        case "softbreak", "linebreak": text += "\n"
        case "html_inline": if literal(node).hasPrefix("<br") { text += "\n" }
        case "html_block": text += "\n" + withoutTags(literal(node)) + "\n"
        default:
            let isBlock = !["strong", "emph", "strikethrough", "link", "image"].contains(kind)
            if isBlock { text += "\n" }
            var child = cmark_node_first_child(node)
            while let present = child {
                collect(present, into: &text)
                child = cmark_node_next(present)
            }
            if isBlock { text += "\n" }
        }
    }

    private static func literal(_ node: OpaquePointer) -> String {
        cmark_node_get_literal(node).map { String(cString: $0) } ?? ""
    }

    private static func withoutTags(_ html: String) -> String {
        var text = ""
        var inTag = false
        for character in html {
            if character == "<" { inTag = true }
            if !inTag { text.append(character) }
            if character == ">" { inTag = false }
        }
        return text.unescapedNumericReferences
    }
}

extension String {
    /// Words parted by single blanks.
    var collapsed: String {
        split { $0.isWhitespace || $0 == "\u{200B}" }.joined(separator: " ")
    }

    /// `&#60;` as `<`.
    var unescapedNumericReferences: String {
        var out = ""
        var rest = self[...]
        while let start = rest.range(of: "&#") {
            out += rest[..<start.lowerBound]
            let tail = rest[start.upperBound...]
            guard let end = tail.firstIndex(of: ";"), let code = UInt32(tail[..<end]),
                let scalar = Unicode.Scalar(code)
            else { return out + rest }
            out.unicodeScalars.append(scalar)
            rest = tail[tail.index(after: end)...]
        }
        return out + rest
    }

    private func range(of text: String) -> Range<Index>? { self[...].range(of: text) }
}

extension Substring {
    func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
