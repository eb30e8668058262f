import Foundation
import Testing

@testable import AtlassianDocument

/// Third-party ADF documents, some with the Markdown their own converters expect.
@Suite("Third-party documents", .enabled(if: SharedData.isExpected)) struct FixtureTests {
    static let documents = SharedData.files(below: "adf/fixtures", endings: [".adf", ".json"])

    /// Words of all `text` nodes in document order, taken from the JSON without our reader.
    private func textNodes(_ bytes: [UInt8]) throws -> String {
        var text = ""
        func collect(_ value: Any) {
            guard let node = value as? [String: Any] else { return }
            let isText = node["type"] as? String == "text"
            if isText { text += node["text"] as? String ?? "" }
            if !isText { text += " " }
            for child in node["content"] as? [Any] ?? [] { collect(child) }
            if !isText { text += " " }
        }
        collect(try JSONSerialization.jsonObject(with: Data(bytes)))
        return text
    }

    private func words(_ text: String) -> [Substring] {
        text.split { !($0.isLetter || $0.isNumber) }
    }

    @Test("every document converts to every format, and each word of it is there, in order", arguments: documents)
    func converts(_ path: String) throws {
        let bytes = try SharedData.bytes(path)
        let document = try Document(adfText: bytes)
        let wanted = words(try textNodes(bytes))
        let written = [
            "text": words(document.plainText()), "markdown": words(CommonMark.words(document.markdown())),
            "html": words(StrictHTML(document.html()).text),
        ]
        for (format, present) in written {
            var rest = present[...]
            for word in wanted {
                guard let position = rest.firstIndex(of: word) else {
                    Testing.Issue.record("\(format): \(word) is missing or out of order")
                    break
                }
                rest = rest[(position + 1)...]
            }
        }
    }

    /// Documents whose expected Markdown says the same; the rest of the words differ by dialect (panels as fences, dates
    /// and people as `{date:…}`, media ids). `date-examples` is left out: its Markdown is of a longer document.
    static let expected = [
        "comprehensive-advanced-features", "comprehensive-blocks", "comprehensive-expand-sections",
        "comprehensive-marks", "comprehensive-media-expand", "comprehensive-media", "comprehensive-panels",
        "rich-content", "table-document",
    ]

    @Test("the words of the expected Markdown are the words of ours", arguments: expected)
    func expectedMarkdown(_ name: String) throws {
        let folder = "adf/fixtures/extended-adf-markdown-parser"
        let document = try Document(adfText: SharedData.bytes("\(folder)/adf/\(name).adf"))
        let theirs = String(decoding: try SharedData.bytes("\(folder)/markdown/\(name).md"), as: UTF8.self)
        let ours = words(CommonMark.words(document.markdown()))
        let wanted = words(CommonMark.words(theirs))
        var counts: [Substring: Int] = [:]
        for word in ours { counts[word, default: 0] += 1 }
        var missing: [Substring] = []
        for word in wanted {
            if counts[word, default: 0] > 0 { counts[word, default: 0] -= 1 } else { missing.append(word) }
        }
        #expect(missing.count * 100 <= wanted.count * 13, "missing: \(missing.prefix(30))")
    }

    @Test("the emphasis, links and code of the expected Markdown are found again")
    func expectedKinds() throws {
        let folder = "adf/fixtures/extended-adf-markdown-parser"
        for name in ["comprehensive-marks", "table-document"] {
            let document = try Document(adfText: SharedData.bytes("\(folder)/adf/\(name).adf"))
            let theirs = String(decoding: try SharedData.bytes("\(folder)/markdown/\(name).md"), as: UTF8.self)
            let counted = ["strong", "emph", "code", "link", "strikethrough", "heading", "table_row", "table_cell"]
            for kind in counted {
                let ours = CommonMark.kinds(document.markdown()).filter { $0 == kind }.count
                #expect(ours == CommonMark.kinds(theirs).filter { $0 == kind }.count, "\(name): \(kind)")
            }
        }
    }
}
