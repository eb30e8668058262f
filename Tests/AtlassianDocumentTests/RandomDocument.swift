import FastJSON

/// Makes ADF documents that a seed decides, with words chosen to trip Markdown and HTML writers.
struct RandomDocument {
    var generator: SeededGenerator

    private static let fragments = [
        "word", "two words", " lead", "trail ", "*", "**", "_", "__", "snake_case_name", "a*b*c", "`", "``", "~",
        "~~x~~", "\\",
        "C:\\temp\\x", "\\*", "# no heading", "1. no list", "2) no", "- no", "+ no", "> no", "=", "===", "---", "***",
        "| a | b |",
        "|", "[x](y)", "[ref]: /url", "![a](b)", "<b>", "</div>", "<!-- c -->", "<script>", "a < b > c", "&amp;",
        "&copy;", "&",
        "&#x41;", "http://example.com/a_b*c", "https://example.com/(x)", "www.example.com", "a@b.example", "é", "日本語",
        "🙂",
        "“quoted”", "…", "€5", "f(x)!", "!", "!!", "[", "]", "(", ")", "\u{A0}", "x\u{A0}", "    indented", "\ttab",
        "h1. no", "{code}",
        "[ ] no", "[x] no", ":--", "$x$", "%", "a\nb", "\n", "end.", "'", "\"", "```", "~~~", "<http://x.example>",
        "==x==", "^x^", "H~2~O",
    ]

    mutating func words() -> String {
        (0...Int.random(in: 0...2, using: &generator)).map { _ in generator.pick(Self.fragments) }.joined()
    }

    mutating func document() -> JSONValue {
        ["type": "doc", "version": 1, "content": .array(blocks(depth: 0))]
    }

    private mutating func blocks(depth: Int) -> [JSONValue] {
        (0...Int.random(in: 0...3, using: &generator)).map { _ in block(depth: depth) }
    }

    private func node(_ type: String, _ content: [JSONValue], _ attrs: JSONValue? = nil) -> JSONValue {
        var members = [JSONValue.Member("type", .string(type)), .init("content", .array(content))]
        if let attrs { members.append(.init("attrs", attrs)) }
        return .object(members)
    }

    private mutating func items(_ type: String, depth: Int) -> [JSONValue] {
        (0...Int.random(in: 0...2, using: &generator)).map { _ in node(type, blocks(depth: depth + 1)) }
    }

    mutating func block(depth: Int) -> JSONValue {
        // The reference parser knows task lists only where nothing but blanks stands before them.
        let highest = depth > 3 ? 3 : depth > 0 ? 11 : 12
        let kind = Int.random(in: 0...highest, using: &generator)
        switch kind {
        case 0...2: return node("paragraph", inlines())
        case 3: return node("heading", inlines(), ["level": .integer(Int64.random(in: 1...6, using: &generator))])
        case 4: return node("bulletList", items("listItem", depth: depth))
        case 5:
            let order = Int64.random(in: 0...3, using: &generator)
            return node("orderedList", items("listItem", depth: depth), ["order": .integer(order)])
        case 6: return node("blockquote", blocks(depth: depth + 1))
        case 7: return node("panel", blocks(depth: depth + 1), ["panelType": "custom"])
        case 8: return node("codeBlock", [["type": "text", "text": .string(words())]], ["language": .string(words())])
        case 9: return ["type": "rule"]
        case 10: return table(depth: depth)
        case 11: return node("expand", blocks(depth: depth + 1), ["title": .string(words())])
        default:
            let state = generator.chance(50) ? "DONE" : "TODO"
            return node(
                "taskList",
                [node("taskItem", inlines() + [["type": "text", "text": "task"]], ["state": .string(state)])])
        }
    }

    private mutating func table(depth: Int) -> JSONValue {
        let columns = Int.random(in: 1...3, using: &generator)
        let rows = (0...Int.random(in: 0...2, using: &generator)).map { row in
            let cells = (0..<columns).map { _ in
                node(row == 0 ? "tableHeader" : "tableCell", [node("paragraph", inlines())])
            }
            return node("tableRow", cells)
        }
        return node("table", rows)
    }

    private static let marks: [JSONValue] = [
        ["type": "strong"], ["type": "em"], ["type": "strike"], ["type": "underline"], ["type": "code"],
        ["type": "subsup", "attrs": ["type": "sub"]], ["type": "textColor", "attrs": ["color": "#ff0000"]],
    ]
    private static let addresses = [
        "https://example.com/a", "https://example.com/(a) b?x=1&copy;=2", "mailto:a@b.example", "javascript:alert(1)",
        "/browse/A-1",
        "https://example.com/`x`", "https://example.com/<x>", "data:text/html,x", "http://[", " https://example.com ",
        "",
    ]

    mutating func inlines() -> [JSONValue] {
        (0...Int.random(in: 0...4, using: &generator)).map { _ in inline() }
    }

    private mutating func inline() -> JSONValue {
        switch Int.random(in: 0...20, using: &generator) {
        case 0: return ["type": "hardBreak"]
        case 1: return ["type": "mention", "attrs": ["id": "7", "text": .string("@" + words())]]
        case 2: return ["type": "status", "attrs": ["text": .string(words()), "color": "blue"]]
        case 3: return ["type": "emoji", "attrs": ["shortName": ":x_y:"]]
        default:
            var marks: [JSONValue] = []
            while generator.chance(40), marks.count < 3 { marks.append(generator.pick(Self.marks)) }
            let text = words()
            if generator.chance(15), text.contains(where: { !$0.isWhitespace }) {
                marks.append(["type": "link", "attrs": ["href": .string(generator.pick(Self.addresses))]])
            }
            return ["type": "text", "text": .string(text), "marks": .array(marks)]
        }
    }
}
