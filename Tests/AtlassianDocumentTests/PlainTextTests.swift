import Testing

@testable import AtlassianDocument

@Suite("Plain text") struct PlainTextTests {
    @Test("an ADF document becomes the text a reader sees")
    func adf() throws {
        let json = #"""
            {"version":1,"type":"doc","content":[
              {"type":"heading","attrs":{"level":2},"content":[{"type":"text","text":"Plan"}]},
              {"type":"paragraph","content":[{"type":"text","text":"See "},
                {"type":"text","text":"the spec","marks":[{"type":"link","attrs":{"href":"https://x.example/a"}}]},
                {"type":"text","text":" by "},{"type":"mention","attrs":{"id":"7","text":"@Ann Lee"}},
                {"type":"hardBreak"},{"type":"date","attrs":{"timestamp":"1709164800000"}}]},
              {"type":"bulletList","content":[{"type":"listItem","content":[
                {"type":"paragraph","content":[{"type":"text","text":"one"}]},
                {"type":"orderedList","attrs":{"order":3},"content":[{"type":"listItem","content":[
                  {"type":"paragraph","content":[{"type":"text","text":"deep"}]}]}]}]}]},
              {"type":"table","content":[{"type":"tableRow","content":[
                {"type":"tableHeader","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]}]},
                {"type":"tableCell","content":[{"type":"paragraph","content":[{"type":"text","text":"b"}]}]}]}]}
            ]}
            """#
        let document = try Document(adfText: Array(json.utf8))
        #expect(
            document.plainText() == """
                Plan
                See the spec (https://x.example/a) by @Ann Lee
                2024-02-29
                - one
                  3. deep
                a\tb
                """)
        #expect(document.mentions == ["7"])
    }

    @Test("plain text is taken as it is, line by line")
    func plain() throws {
        let document = try Document(plainText: "one *two*\r\nthree\n \nfour")
        #expect(document.markdown() == "one \\*two\\*\\\nthree\n\nfour")
        #expect(document.plainText() == "one *two*\nthree\nfour")
        #expect(try Document(plainText: "").isEmpty)
    }

    @Test("one function converts bytes from either syntax to any format")
    func convert() throws {
        #expect(try Document.convert(Array("h1. *A*".utf8), from: .wiki, to: .markdown) == "# **A**")
        #expect(try Document.convert(Array("h1. *A*".utf8), from: .wiki, to: .text) == "A")
        let adf = Array(#"{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"<"}]}]}"#.utf8)
        #expect(try Document.convert(adf, from: .adf, to: .html) == "<p>&lt;</p>\n")
    }
}
