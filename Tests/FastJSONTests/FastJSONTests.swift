import FastJSON
import Testing

@Suite("JSON") struct FastJSONTests {
    @Test(
        "a document survives parsing and writing unchanged",
        arguments: [
            #"{"a":[1,-2,3.5,true,false,null],"b":{"c":"x\"y\\z\n\t\u0001"},"d":[],"e":{}}"#,
            #"[18446744073709551615,9223372036854775807,-9223372036854775808]"#,
            #"{"é":"日本語 🙂"}"#,
            #""alone""#,
        ])
    func roundTrip(_ text: String) throws {
        let written = try JSONParser().parse(Array(text.utf8)) { $0.serialized() }
        let again = try JSONValue(parsing: written)
        #expect(again == (try JSONValue(parsing: text)))
        #expect(again.serialized() == written)
    }

    @Test("a view reads members, elements and kinds, and answers nil for what is not there")
    func view() throws {
        let text = #"{"id":"1","n":7,"x":1.5,"ok":true,"none":null,"list":["a","b"]}"#
        try JSONParser().parse(Array(text.utf8)) { root in
            #expect(root["id"]?.string == "1")
            #expect(root["n"]?.integer == 7)
            #expect(root["n"]?.double == 7)
            #expect(root["x"]?.double == 1.5)
            #expect(root["ok"]?.bool == true)
            #expect(root["none"]?.isNull == true)
            #expect(root["list"]?.elements.compactMap(\.string) == ["a", "b"])
            #expect(root["absent"] == nil)
            #expect(root["id"]?["deeper"] == nil)
            #expect(root.member(named: "n")?.string == nil)
            #expect(root.members.map(\.name) == ["id", "n", "x", "ok", "none", "list"])
        }
    }

    @Test("broken and torn text is an error", arguments: ["", "{", #"{"a":}"#, "[1,2", "nul"])
    func rejects(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test("nesting beyond the limit and bytes that are not UTF-8 are errors")
    func rejectsHostileInput() {
        for depth in [2_000, 100_000] {
            let closed = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            #expect(throws: JSONError.self) { try JSONValue(parsing: closed) }
            #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: depth)) }
        }
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0xFE, 0x22]) }
    }

    @Test("one parser reads many documents, small after large")
    func reuse() throws {
        let parser = JSONParser()
        let large = "[" + Array(repeating: #"{"k":"v"}"#, count: 5_000).joined(separator: ",") + "]"
        #expect(try parser.parse(Array(large.utf8)) { $0.elements.reduce(0) { count, _ in count + 1 } } == 5_000)
        #expect(try parser.parse(Array("[1]".utf8)) { $0.elements.compactMap(\.integer) } == [1])
    }
}

@Suite("Escapes") struct EscapeTests {
    @Test("are written wherever in a text they fall, and read as the same", arguments: 0..<20) func everywhere(
        _ offset: Int
    ) throws {
        for special in ["\"", "\\", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "\u{2028}", "🧨"] {
            let text = String(repeating: "x", count: offset) + special + String(repeating: " ~!", count: 5)
            var writer = JSONWriter()
            writer.array { $0.string(text) }
            #expect(try JSONValue(parsing: writer.bytes) == .array([.string(text)]))
        }
    }
}
