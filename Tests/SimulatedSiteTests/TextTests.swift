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

    /// Ten rows of `{"project":"A","summary":"row N …"}`, compressed with gzip.
    private static let compressed: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xA5, 0xCC, 0x3B, 0x0A, 0x80, 0x30, 0x0C, 0x00,
        0xD0, 0xDD,
        0x53, 0x84, 0xCC, 0x0E, 0xFE, 0x7F, 0x9B, 0x47, 0x29, 0xA5, 0x45, 0xC5, 0xD2, 0x92, 0x46, 0x44, 0x8A, 0x77,
        0xD7, 0x13,
        0xE8, 0x90, 0xF1, 0x2D, 0x2F, 0x61, 0x20, 0xBF, 0x19, 0xCD, 0x38, 0xE1, 0x8C, 0x39, 0xC6, 0xC3, 0x39, 0x45,
        0xD7, 0x2B,
        0xF2, 0x27, 0x14, 0xE0, 0x2D, 0x28, 0xD0, 0x9E, 0xC2, 0x11, 0x81, 0x17, 0xC5, 0x40, 0x26, 0x18, 0xC5, 0x11,
        0x56, 0x8E,
        0x66, 0xB7, 0x78, 0x67, 0xE9, 0x73, 0x28, 0xC5, 0x43, 0x25, 0x1E, 0x6A, 0xF1, 0xD0, 0x88, 0x87, 0x56, 0x3C,
        0x74, 0xE2,
        0xA1, 0x17, 0x0F, 0x83, 0x78, 0x18, 0xFF, 0x87, 0x07, 0xA1, 0x48, 0x58, 0x1F, 0x93, 0x02, 0x00, 0x00,
    ]

    @Test("a corpus may be compressed; a damaged one is an error")
    func compressedCorpus() throws {
        let corpus = try CorpusIssue.load(file: Self.compressed)
        #expect(corpus.count == 10 && corpus.last?.summary == "row 9 of a corpus that repeats itself")
        #expect(throws: CorpusError.self) { try CorpusIssue.load(file: Array(Self.compressed.dropLast(30))) }
    }

    @Test("the shared corpus becomes a site that keeps its keys", .enabled(if: SharedCorpus.isPresent))
    func sharedCorpus() throws {
        let corpus = try CorpusIssue.load(file: try SharedCorpus.bytes())
        #expect(corpus.count > 20_000)
        let site = SimulatedSite(SiteConfiguration(seed: 1, issueCount: 40_000, corpus: corpus))
        let keys = site.current().corpusKeys()
        #expect(keys["FLUID-4322"] == "FLUID-4322")
        // A few rows repeat a key, a few issues were deleted since.
        #expect(keys.count > corpus.count * 98 / 100)
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

/// The corpus shared between projects, where the environment says.
enum SharedCorpus {
    static var path: String {
        let folder = ProcessInfo.processInfo.environment["DRAWBRIDGE_SHARED"] ?? "../shared"
        return folder + "/data/corpus/issues.jsonl.gz"
    }

    static var isPresent: Bool {
        let environment = ProcessInfo.processInfo.environment
        if FileManager.default.fileExists(atPath: path) || environment["DRAWBRIDGE_REQUIRE_SHARED"] == "1" {
            return true
        }
        print("skipped: no corpus at \(path)")
        return false
    }

    static func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
}
