import FastJSON
import Foundation
import Testing

@testable import AtlassianDocument

@Suite("Properties of any document") struct PropertyTests {
    /// What a reader of the rendered Markdown must read: the words of the tree, blanks collapsed.
    func expectedWords(_ document: Document) -> String {
        var text = ""
        func visit(_ node: DocumentNode) {
            switch node.kind {
            case .text: text += node.text
            case .hardBreak: text += "\n"
            case .mention: text += node[.text] ?? ""
            case .status: text += (node[.text] ?? "").replacing("\n", with: " ")
            case .emoji: text += node[.shortName] ?? ""
            default:
                text += "\n"
                if let title = node[.title] { text += title + "\n" }
                for child in node.children { visit(child) }
                text += "\n"
            }
        }
        visit(document.root)
        return text
    }

    /// Addresses that are not linked are shown as code behind their words.
    func withoutShownAddresses(_ text: String) -> String {
        var text = text
        for address in ["javascript:alert(1)", "data:text/html,x", "http://["] {
            text = text.replacing(" (\(address))", with: "")
        }
        return text
    }

    @Test("Markdown read back by CommonMark has exactly the document's words", arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func markdownRoundTrip(_ block: UInt64) throws {
        for seed in (block * 1_000)..<(block * 1_000 + 60) {
            var random = RandomDocument(generator: SeededGenerator(seed: seed))
            let document = try Document(adfText: random.document().serialized())
            let expected = expectedWords(document).filter { !$0.isWhitespace && $0 != "\u{0}" }
            let read = withoutShownAddresses(CommonMark.words(document.markdown()))
            let found = read.filter { !$0.isWhitespace }
            guard found != expected else { continue }
            let same = zip(found, expected).prefix { $0 == $1 }.count
            let (there, wanted) = (
                found.dropFirst(max(0, same - 20)).prefix(60), expected.dropFirst(max(0, same - 20)).prefix(60)
            )
            Testing.Issue.record("seed \(seed): found …\(there)… for …\(wanted)… in \(document.markdown())")
            return
        }
    }

    @Test("Markdown keeps the structure: headings, lists, quotes, code, tables", arguments: [11, 12, 13, 14])
    func markdownStructure(_ block: UInt64) throws {
        for seed in (block * 1_000)..<(block * 1_000 + 60) {
            var random = RandomDocument(generator: SeededGenerator(seed: seed))
            let document = try Document(adfText: random.document().serialized())
            let kinds = CommonMark.kinds(document.markdown())
            let expected = expectedCounts(document)
            for (kind, count) in expected where kinds.filter({ $0 == kind }).count != count {
                Testing.Issue.record("seed \(seed): not \(count) × \(kind) in \(document.markdown())")
                return
            }
        }
    }

    /// How many nodes of a kind CommonMark must find. What is empty, or stands in a table cell, is not counted on.
    func expectedCounts(_ document: Document) -> [String: Int] {
        var counts = ["code_block": 0, "table": 0, "thematic_break": 0, "item": 0, "tasklist": 0]
        for index in document.nodes.indices {
            switch document.nodes[index].kind {
            case .codeBlock: counts["code_block", default: 0] += 1
            case .table: counts["table", default: 0] += 1
            case .rule: counts["thematic_break", default: 0] += 1
            case .listItem: counts["item", default: 0] += 1
            case .taskItem: counts["tasklist", default: 0] += 1
            default: break
            }
        }
        return counts
    }

    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "javascript:alert(1)",
        "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "\u{1}javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x", "//evil.example", "/\\evil.example", "https://ok.example/\"onclick=\"x", "&#106;avascript:x",
        "expression(1)",
        "red;background:url(//x)", "]]>", "<!--", "-->", "</p></div>", "<svg/onload=x>", "\u{0}", "${x}", "{{x}}",
        "\u{202E}", "'\"<>&",
        "#fff\" onload=\"x", "x\" style=\"position:fixed",
    ]

    private func hostileTree(_ generator: inout SeededGenerator, depth: Int) -> JSONValue {
        let kinds = NodeKind.allCases.map { String(describing: $0) } + ["script", "iframe", "<b>", "x\" onload=\""]
        let attributes = [
            "href", "url", "id", "alt", "text", "title", "language", "panelType", "panelColor", "color", "background",
            "level",
            "order", "colspan", "rowspan", "width", "height", "state", "shortName", "timestamp", "extensionKey", "data",
        ]
        var attrs: [JSONValue.Member] = []
        for name in attributes where generator.chance(30) {
            let value: JSONValue = generator.chance(80) ? .string(generator.pick(Self.hostile)) : .double(-1e300)
            attrs.append(.init(name, value))
        }
        let markKinds = [
            "link", "textColor", "backgroundColor", "annotation", "strong", "code", "alignment", "indentation", "odd",
        ]
        let marks = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
            let value = JSONValue.string(generator.pick(Self.hostile))
            let type = JSONValue.string(generator.pick(markKinds))
            return JSONValue.object([
                .init("type", type),
                .init(
                    "attrs",
                    ["href": value, "color": value, "id": value, "align": value, "level": value, "title": value]),
            ])
        }
        var content: [JSONValue] = []
        if depth < 5 {
            content = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                hostileTree(&generator, depth: depth + 1)
            }
        }
        return .object([
            .init("type", .string(generator.pick(kinds))), .init("text", .string(generator.pick(Self.hostile))),
            .init("attrs", .object(attrs)), .init("marks", .array(marks)), .init("content", .array(content)),
        ])
    }

    private static let hostileLinks = DocumentLinks(
        personName: { _ in "<script>x</script>" }, mediaAddress: { $0.fileName.map { "javascript:" + $0 } })

    @Test("HTML of hostile ADF has only allowed elements, attributes and addresses", arguments: [21, 22, 23, 24])
    func safeHTML(_ block: UInt64) throws {
        for seed in (block * 1_000)..<(block * 1_000 + 60) {
            var generator = SeededGenerator(seed: seed)
            let tree = JSONValue.object([
                .init("type", "doc"), .init("content", .array((0..<4).map { _ in hostileTree(&generator, depth: 0) })),
            ])
            let document = try Document(adfText: tree.serialized())
            for links in [DocumentLinks.none, Self.hostileLinks] {
                let violations = StrictHTML(document.html(links: links)).violations
                #expect(violations.isEmpty, "seed \(seed)")
                let found = CommonMark.destinations(document.markdown(links: links))
                #expect(found.allSatisfy(isHarmless), "seed \(seed): \(found)")
            }
        }
    }

    @Test("HTML of hostile wiki markup has only allowed elements, attributes and addresses", arguments: [31, 32, 33])
    func safeHTMLOfWiki(_ block: UInt64) throws {
        let markup = [
            "[", "]", "|", "!", "{color:", "}", "{color}", "{panel:title=", "{panel}", "{code:", "{code}", "*", "_",
            "\n", "||", "h1. ", "[~", "[^",
            "!a.png|width=", "{{", "}}", "bq. ", "{quote}", "* ", "# ", "\\", "http://", "mailto:", "{expand:",
            "{expand}", "----", " ", "x",
        ]
        for seed in (block * 1_000)..<(block * 1_000 + 100) {
            var generator = SeededGenerator(seed: seed)
            let text = (0..<40).map { _ in generator.chance(60) ? generator.pick(markup) : generator.pick(Self.hostile)
            }
            .joined()
            let document = try Document(wiki: text)
            let violations = StrictHTML(document.html()).violations
            #expect(violations.isEmpty, "seed \(seed)")
            let found = CommonMark.destinations(document.markdown())
            #expect(found.allSatisfy(isHarmless), "seed \(seed): \(found)")
            #expect(!document.plainText().contains("\r"))
        }
    }

    /// Markdown links to the web, to mail, and to files by name; never to a scheme that runs or embeds.
    private func isHarmless(_ address: String) -> Bool {
        guard let colon = address.firstIndex(of: ":") else { return true }
        let scheme = address[..<colon].lowercased()
        return ["http", "https", "mailto", "media"].contains(scheme) || scheme.contains { "/?#%".contains($0) }
    }
}
