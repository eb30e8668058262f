import FastJSON
import Testing

@testable import AtlassianDocument

@Suite("Hostile input") struct HostileInputTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let text: String

        init(_ name: String, _ text: String) {
            testDescription = name
            self.text = text
        }
    }

    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    static let deepADFs: [Case] = [10_000, 100_000].flatMap { depth in
        [
            Case("\(depth) quotes", repeated(#"{"type":"blockquote","content":["#, depth) + repeated("]}", depth)),
            Case("\(depth) unknown nodes", repeated(#"{"type":"x","content":["#, depth) + repeated("]}", depth)),
            Case("\(depth) unclosed lists", repeated(#"{"type":"bulletList","content":["#, depth)),
        ]
    }

    @Test("ADF nested too deep is an error", arguments: deepADFs)
    func deepADF(_ example: Case) {
        #expect(throws: DocumentError.self) { try Document(adfText: Array(example.text.utf8)) }
    }

    @Test("ADF nested deeper than the limit, yet within the parser's, is too deep", arguments: [130, 400])
    func limitOfNodes(_ depth: Int) throws {
        for type in ["blockquote", "x", "paragraph", "expand"] {
            let text =
                #"{"type":"doc","content":["# + Self.repeated(#"{"type":"\#(type)","content":["#, depth)
                + Self.repeated("]}", depth) + "]}"
            let error = #expect(throws: DocumentError.self) { try Document(adfText: Array(text.utf8)) }
            #expect(error?.code == .tooDeep)
        }
    }

    static let deepWikis: [Case] = [
        Case("panels", repeated("{panel:title=x}\n", 100_000) + repeated("{panel}\n", 100_000)),
        Case(
            "alternating blocks",
            (0..<50_000).map { _ in "{panel:a=b}{expand:c}" }.joined()
                + (0..<50_000).map { _ in "{expand}{panel}" }.joined()),
        Case("a staircase of lists", (1...1_000).map { repeated("*", $0) + " x\n" }.joined()),
    ]

    @Test("wiki markup nested too deep is an error", arguments: deepWikis)
    func deepWiki(_ example: Case) {
        let error = #expect(throws: DocumentError.self) { try Document(wiki: example.text) }
        #expect(error?.code == .tooDeep)
    }

    /// 60 kB of each. Quadratic reading would take hours, so that the test ends is what it shows.
    static let largeWikis: [Case] = {
        let size = 60_000
        let units = [
            "{", "{{", "{{ ", "[", "[a|", "[a]", "]", "*", "* ", "**a", "_a ", "-", "-a ", "!", "!a ", "!a.b", "?",
            "??a ",
            "{quote}", "{code}", "{code}x", "{panel:a}", "{panel:a}{quote}", "{color:red}", "{color:red}a", "{color}",
            "|", "||", "|a", "|[", "|!", "|{{", "|\n", "|a\n", "\\", "\\\\", "h1. ", "bq. ", "&", "&amp", "(", ":)",
            "http://", "http://a)", ")", "\n", " ", "- ", "# \n", "*a\n", "[~a]", "{*}", "{anchor:", "{noformat}\n",
            "{{}}", "*_-+^~", "*a _b -c +d ^e ~f ", "\u{0}", "\u{1F389}", "h", "ab ", "#*", "----\n",
        ]
        return units.map { Case(String(($0.debugDescription).prefix(40)), repeated($0, size / $0.utf8.count)) }
    }()

    @Test("any amount of any markup is read and written, or refused", arguments: largeWikis)
    func largeWiki(_ example: Case) {
        do {
            let document = try Document(wiki: example.text)
            #expect(document.plainText().utf8.count < 40_000_000)
            #expect(document.markdown().utf8.count < 40_000_000)
            #expect(document.html().utf8.count < 400_000_000)
        } catch {
            #expect(error.code == .tooDeep || error.code == .tooLarge)
        }
    }

    @Test("many runs of text with changing marks cost no more than their number")
    func manyRuns() throws {
        let runs = (0..<10_000).map { index in
            let color = ##"{"type":"textColor","attrs":{"color":"#\##(100_000 + index)"}}"##
            let marks = index % 3 == 0 ? color : #"{"type":"em"}"#
            return #"{"type":"text","text":"\#(index % 2 == 0 ? " " : "a")","marks":[{"type":"strong"},\#(marks)]}"#
        }
        let text = #"{"type":"doc","content":[{"type":"paragraph","content":["# + runs.joined(separator: ",") + "]}]}"
        let document = try Document(adfText: Array(text.utf8))
        #expect(document.markdown().count > 10_000)
        #expect(document.html().count > 10_000)
    }

    @Test("what is no document, or too large, says so")
    func refused() throws {
        func code(_ text: String, _ limits: DocumentLimits = .standard) -> DocumentError.Code? {
            do throws(DocumentError) {
                _ = try Document(Array(text.utf8), syntax: .adf, limits: limits)
                return nil
            } catch { return error.code }
        }
        #expect(code("[]") == .notADocument)
        #expect(code("\"text\"") == .notADocument)
        #expect(code("{}") == .notADocument)
        #expect(code("{") == .invalidJSON)
        #expect(code("") == .invalidJSON)
        #expect(code(#"{"type":"doc"}"#, DocumentLimits(maximumBytes: 5)) == .tooLarge)
        let many = #"{"type":"doc","content":["# + Self.repeated(#"{"type":"rule"},"#, 99) + #"{"type":"rule"}]}"#
        #expect(code(many, DocumentLimits(maximumNodes: 50)) == .tooLarge)
        #expect(code(many) == nil)
        #expect(throws: DocumentError.self) { try Document([0xFF, 0xFE], syntax: .wiki) }
        #expect(throws: DocumentError.self) { try Document(wiki: "long", limits: DocumentLimits(maximumBytes: 3)) }
    }

    @Test("nodes of wrong shape are kept, not refused")
    func wrongShapes() throws {
        let text = #"""
            {"type":"doc","content":[1,"loose",null,[],{},{"type":"text"},{"type":"text","text":"bare"},
             {"type":"paragraph","content":"words"},{"type":"heading","attrs":{"level":"9"},"content":[{"type":"paragraph",
             "content":[{"type":"text","text":"block in line"}]}]},{"type":"listItem","content":[{"type":"text","text":"lost item"}]},
             {"type":"tableRow","content":[{"type":"paragraph","content":[{"type":"text","text":"no cell"}]}]},
             {"type":"table","content":[{"type":"paragraph","content":[{"type":"text","text":"no row"}]}]},
             {"type":"bulletList","content":[{"type":"paragraph","content":[{"type":"text","text":"no item"}]}]},
             {"type":"taskList","content":[{"type":"taskList","content":[{"type":"taskItem","content":[]}]}]},
             {"type":"table","content":[{"type":"tableRow","content":[{"type":"tableCell","attrs":{"colspan":1e300,"rowspan":-5},
             "content":[{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableCell","content":[{"type":"text",
             "text":"inner table"}]}]}]}]}]}]},{"type":"date","attrs":{"timestamp":12}},{"type":"mention"}]}
            """#
        let document = try Document(adfText: Array(text.utf8))
        for written in DocumentFormat.allCases.map({ document.written(as: $0) }) {
            for words in ["loose", "bare", "block in line", "lost item", "no cell", "no row", "no item", "inner table"]
            {
                #expect(written.contains(words))
            }
        }
    }
}
