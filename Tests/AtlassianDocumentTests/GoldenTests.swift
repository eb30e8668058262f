import Foundation
import Testing

@testable import AtlassianDocument

/// Our own documents with everything in them, and what each writer makes of them.
///
/// `RECORD_SNAPSHOTS=1 swift test` writes the expected files anew; read the difference before committing it.
@Suite("Golden documents") struct GoldenTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let syntax: DocumentSyntax
        let format: DocumentFormat
        var testDescription: String { "\(name) as \(format)" }
        var expectedFile: String { name.split(separator: ".")[0] + "-" + syntax.rawValue + "." + format.rawValue }
    }

    static let cases = [("everything.adf.json", DocumentSyntax.adf), ("everything.wiki", .wiki)].flatMap {
        name, syntax in
        DocumentFormat.allCases.map { Case(name: name, syntax: syntax, format: $0) }
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }

    @Test("a document with everything is written as recorded", arguments: cases)
    func golden(_ example: Case) throws {
        let document = try Document(Self.bytes(example.name), syntax: example.syntax)
        let written = document.written(as: example.format) + "\n"
        let file = Self.folder.appending(path: example.expectedFile)
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
            try written.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == written)
    }

    @Test("no word of an ADF document is missing from any format", arguments: DocumentFormat.allCases)
    func nothingDropped(_ format: DocumentFormat) throws {
        let written = try Document(Self.bytes("everything.adf.json"), syntax: .adf).written(as: format)
        let said = [
            "words of the future", "inline future", "inside the extension", "Chart words", "macro words",
            "inside the synced block", "hidden words", "deeper words", "we decided", "nested task", "block task",
            "2025-01-01", "In review", "Ada Lovelace", ":custom:", "notes.txt", "log.zip", "project = ABC",
            "futureBlock",
            "A titled card", "https://example.com/embed", "Type here", "small print", "last",
        ]
        for words in said { #expect(written.contains(words), "\(words) is missing") }
    }

    @Test("what an unknown node says is kept as JSON")
    func unknownKept() throws {
        let document = try Document(Self.bytes("everything.adf.json"), syntax: .adf)
        let unknown = document.root.children.first { $0.kind == .unknownBlock }
        #expect(unknown?[.raw]?.contains(#""shape":"round""#) == true)
        #expect(unknown?[.title] == "futureBlock")
        let sparkle = document.nodes.indices.first { document.nodes[$0].marks.contains(.unknown) }
        #expect(document.string(.unknownMark, of: try #require(sparkle))?.contains("sparkle") == true)
    }

    @Test("embedded files and mentioned people are listed once each, in order")
    func references() throws {
        let adf = try Document(Self.bytes("everything.adf.json"), syntax: .adf)
        #expect(adf.mentions == ["5b10a2844c20165700ede21g"])
        #expect(adf.mediaReferences.map(\.fileName) == ["notes.txt", "plan.png", "external", "log.zip", nil])
        #expect(adf.mediaReferences.compactMap(\.id).count == 4)
        let wiki = try Document(Self.bytes("everything.wiki"), syntax: .wiki)
        #expect(wiki.mentions == ["ada", "5b10a2844c20165700ede21g"])
        #expect(wiki.mediaReferences.map(\.fileName) == ["image.png", "log.txt", "app.log", "diagram.png"])
    }

    @Test("names and addresses the caller knows take the place of ids")
    func links() throws {
        let document = try Document(wiki: "[~accountid:7] sent !a.png! and [^b.pdf]")
        let links = DocumentLinks(
            personName: { $0 == "7" ? "Ann <Lee>" : nil },
            mediaAddress: { $0.fileName.map { "/attachments/\($0)" } })
        #expect(
            document.markdown(links: links)
                == "@Ann \\<Lee> sent ![a.png](/attachments/a.png) and [b.pdf](/attachments/b.pdf)")
        #expect(document.html(links: links).contains("@Ann &lt;Lee&gt;</span> sent <img src=\"/attachments/a.png\""))
    }

    @Test("the fixture has every node and mark of Atlassian's schema", .enabled(if: SharedData.isExpected))
    func coversSchema() throws {
        let schema = try JSONSerialization.jsonObject(with: Data(SharedData.bytes("adf/full.json"))) as? [String: Any]
        let definitions = try #require(schema?["definitions"] as? [String: [String: Any]])
        var wanted: Set<String> = []
        for definition in definitions.values {
            let properties = definition["properties"] as? [String: [String: Any]]
            wanted.formUnion(properties?["type"]?["enum"] as? [String] ?? [])
        }
        var present: Set<String> = []
        func collect(_ value: Any) {
            if let object = value as? [String: Any] {
                if let type = object["type"] as? String { present.insert(type) }
                object.values.forEach(collect)
            } else if let list = value as? [Any] {
                list.forEach(collect)
            }
        }
        collect(try JSONSerialization.jsonObject(with: Data(Self.bytes("everything.adf.json"))))
        #expect(wanted.count > 45)
        #expect(wanted.subtracting(present).isEmpty)
    }
}
