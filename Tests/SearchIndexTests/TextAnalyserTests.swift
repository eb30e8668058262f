import Testing

@testable import SearchIndex

@Suite("Words of a text") struct TextAnalyserTests {
    struct Case: CustomStringConvertible, Sendable {
        var text: String
        var tokens: String
        var description: String { text }

        init(_ text: String, _ tokens: String) {
            self.text = text
            self.tokens = tokens
        }
    }

    @Test(
        "text becomes exact words, stems (~), wholes (=) and pieces",
        arguments: [
            Case("The connections", "the connections ~connect"), Case("Überraschung naïve", "uberraschung naive ~naiv"),
            Case("NullPointerException", "null =nullpointerexception =~nullpointerexcept pointer exception ~except"),
            Case("E4017", "e =e4017 4017"), Case("com.acme.Foo", "com acme ~acm foo"), Case("/var/log/x", "var log x"),
            Case("foo_bar HTTP-500", "foo bar http 500"), Case("PAY-42", "pay 42"),
            Case("IDs URLs", "ids ~id urls ~url"),
            Case("HTTPServer", "http =httpserver server"), Case("don't user’s", "dont user"), Case("日本語", "日 本 語"),
            Case("a中b", "a 中 b"), Case("a3f9b2c4d5", "a3f9b2c4d5"), Case("", ""), Case("\u{0}\u{7F} .", ""),
            Case("e\u{301}te", "ete"), Case("ПРИВЕТ", "привет"), Case("한국어", "한 국 어"),
        ])
    func tokens(_ sample: Case) throws {
        let tokens = try TextAnalyser.shared { $0.tokens(of: sample.text) }.map { token in
            token.isStem
                ? (token.isWhole ? "=" : "") + "~\(token.text.dropFirst())"
                : token.isWhole ? "=\(token.text)" : token.text
        }
        #expect(tokens.joined(separator: " ") == sample.tokens)
    }

    @Test("offsets name the bytes of the text") func offsets() throws {
        let tokens = try TextAnalyser.shared { $0.tokens(of: "é NullPointer 日本") }.filter { !$0.isColocated }
        #expect(tokens.map { [$0.start, $0.end] } == [[0, 2], [3, 7], [7, 14], [15, 18], [18, 21]])
    }

    @Test("a token is at most 64 bytes, cut between characters") func bounds() throws {
        for text in [
            String(repeating: "x", count: 5_000), String(repeating: "é", count: 5_000),
            String(repeating: "ж", count: 5_000),
        ] {
            let tokens = try TextAnalyser.shared { $0.tokens(of: text) }
            #expect(!tokens.isEmpty)
            #expect(tokens.allSatisfy { $0.text.utf8.count <= 65 && !$0.text.contains("\u{FFFD}") })
        }
    }

    @Test("passages are stored and read back as they were") func codes() throws {
        let passages = [
            SearchPassage(.summary, text: "A"), SearchPassage(.comment, id: "10", text: "é\u{0}\n", restriction: 3),
            SearchPassage(.field, id: "", text: ""),
        ]
        let bytes = try PassageCoding.encode(passages)
        #expect(try bytes.withUnsafeBytes { try PassageCoding.decode($0) } == passages)
    }

    @Test("damaged passages are an error, not a crash", arguments: 0..<40) func survivesDamage(_ seed: Int) throws {
        var random = Seeded(seed: UInt64(seed))
        var bytes = try PassageCoding.encode([SearchPassage(.description, id: "1", text: "some text that is stored")])
        for _ in 0..<3 {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        bytes.removeLast(Int.random(in: 0..<4, using: &random))
        _ = try? bytes.withUnsafeBytes { try PassageCoding.decode($0) }
    }
}
