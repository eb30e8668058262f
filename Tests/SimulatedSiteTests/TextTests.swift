import FastJSON
import Foundation
import SimulatedData
import SimulatedSite
import Testing

@Suite struct TextTests {
    @Test("one tree becomes wiki markup and a document")
    func richText() throws {
        let text = RichText([
            .heading(2, [.text("Steps")]),
            .paragraph([
                .text("see {x} "), .strong("now"), .text(" "),
                .mention(RichText.Mention(id: "5b1", displayName: "Devi", wikiName: "devi")), .lineBreak,
                .link("docs", url: "https://acme.example/d"),
            ]),
            .bullets([
                [.paragraph([.text("one")])], [.paragraph([.text("two")]), .bullets([[.paragraph([.text("deep")])]])],
            ]),
            .code(language: "java", "a(\"b\");\n"),
            .table(header: ["A", "B"], rows: [[[.text("1")], [.text("2")]]]),
            .media(RichText.Media(mediaID: "m-1", fileName: "a b.png", isImage: true)),
        ])
        #expect(
            text.wikiMarkup == """
                h2. Steps

                see \\{x} *now* [~devi]
                [docs|https://acme.example/d]

                * one
                * two
                ** deep

                {code:java}
                a("b");

                {code}

                ||A||B||
                |1|2|

                !a b.png|thumbnail!
                """)
        let document = try JSONValue(parsing: text.adf)
        #expect(document["content"]?[1]?["content"]?[3]?["attrs"]?["id"]?.string == "5b1")
        #expect(document["content"]?[5]?["content"]?[0]?["attrs"]?["alt"]?.string == "a b.png")
        #expect(text.plainText.contains("@Devi") && text.media.map(\.fileName) == ["a b.png"])
    }

    @Test("the generator's vocabulary is large and unevenly used")
    func vocabulary() {
        let state = SimulatedSite(SiteConfiguration(seed: 11, issueCount: 1_500)).current()
        var counts: [Substring: Int] = [:]
        for ordinal in 12..<state.issueCount {
            let text = state.content(of: ordinal).description?.plainText ?? ""
            for word in Set(text.split { !$0.isLetter && !$0.isNumber }) { counts[word, default: 0] += 1 }
        }
        #expect(counts.count > 4_000)
        let rare = counts.values.filter { $0 <= 5 }.count
        #expect(rare > 2_000)
        #expect(counts.values.max() ?? 0 > 1_000)
    }

    @Test("a corpus gives its words, its keys and its projects to the site")
    func corpus() throws {
        let lines = """
            {"key":"KIWI-12","project":"KIWI","projectName":"Kiwi","summary":"Parser loops","description":"It *loops*\\n\\n{code:java}\\nx\\n{code}"}
            {"key":null,"id":"77","project":"KIWI","summary":"No key"}

            {"key":"FIG-3","project":"FIG","summary":"Third","description":"# Title\\n\\n```swift\\nlet a = 1\\n```\\n* one\\n* two","descriptionFormat":"markdown"}
            """
        let corpus = try CorpusIssue.load(jsonLines: Array(lines.utf8))
        #expect(corpus.map(\.reference) == ["KIWI-12", "id:77", "FIG-3"])
        let state = SimulatedSite(SiteConfiguration(seed: 1, issueCount: 60, corpus: corpus)).current()
        let ordinal = try #require(state.ordinal(key: "KIWI-12"))
        #expect(state.summary(of: ordinal) == "Parser loops")
        #expect(state.content(of: ordinal).description?.blocks.count == 2)
        #expect(state.project("KIWI").name == "Kiwi")
        let keys = state.corpusKeys()
        #expect(keys["FIG-3"] == "FIG-3" && keys["KIWI-12"] == "KIWI-12")
        #expect(keys["id:77"]?.hasPrefix("KIWI-") == true)
    }

    @Test("a corpus line that is no issue is named", arguments: ["{", "{\"project\":\"A\"}", "[]"])
    func badCorpus(_ line: String) {
        #expect(throws: CorpusError.self) {
            try CorpusIssue.load(jsonLines: Array("{\"project\":\"A\",\"summary\":\"b\"}\n\(line)".utf8))
        }
    }

    @Test("files begin as their formats do", arguments: SimulatedFile.Kind.allCases)
    func files(_ kind: SimulatedFile.Kind) {
        let file = SimulatedFile(kind: kind, number: 2)
        let starts: [SimulatedFile.Kind: [UInt8]] = [
            .pdf: Array("%PDF-1.4".utf8), .png: [0x89, 0x50, 0x4E, 0x47], .docx: [0x50, 0x4B, 3, 4],
            .html: Array("<!doctype html>".utf8), .json: Array("{".utf8),
        ]
        #expect(file.bytes.starts(with: starts[kind] ?? []))
        #expect(file.size == file.bytes.count && file.size > 50)
        #expect(file.bytes == SimulatedFile(kind: kind, number: 2).bytes)
    }
}
