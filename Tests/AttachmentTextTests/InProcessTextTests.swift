import Testing

@testable import AttachmentText

@Suite("Text and HTML attachments") struct InProcessTextTests {
    let extractor = AttachmentExtractor(worker: ["/nonexistent"], sandbox: .limitsOnly)

    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let text: String
    }

    static let encodings = [
        Case(testDescription: "UTF-8", bytes: Array("Grüße 🙂\n".utf8), text: "Grüße 🙂\n"),
        Case(testDescription: "UTF-8 with a mark", bytes: [0xEF, 0xBB, 0xBF] + Array("é".utf8), text: "é"),
        Case(testDescription: "UTF-16LE with a mark", bytes: [0xFF, 0xFE, 0x41, 0, 0xE9, 0], text: "Aé"),
        Case(testDescription: "UTF-16BE with a mark", bytes: [0xFE, 0xFF, 0, 0x41, 0, 0xE9], text: "Aé"),
        Case(
            testDescription: "UTF-16LE without one", bytes: "some words".utf8.flatMap { [$0, 0] }, text: "some words"),
        Case(
            testDescription: "Windows-1252", bytes: [0x63, 0x61, 0x66, 0xE9, 0x20, 0x93, 0x78, 0x94], text: "café “x”"),
        Case(testDescription: "terminal colours", bytes: Array("\u{1B}[31mred\u{1B}[0m".utf8), text: "[31mred[0m"),
        Case(testDescription: "nothing", bytes: [], text: ""),
    ]

    @Test("text is decoded by its encoding", arguments: encodings)
    func decodes(_ example: Case) async {
        #expect(await extractor.text(of: example.bytes, fileName: "a.log") == .text(example.text, truncated: false))
    }

    @Test("HTML becomes its words, without scripts, styles and comments")
    func html() async {
        let page = """
            <!DOCTYPE html><html><head><title>Report</title><style>p { color: red }</style>
            <script>if (a < b) { alert("no") }</script></head><body><!-- <p>hidden</p> --><h1>Sales &amp; cost</h1>
            <p>One   two<br>three &lt;four&gt; &#8364;5 &unknown; 1 < 2</p><ul><li>a</li><li>b</li></ul>
            <table><tr><td>x</td><td>y</td></tr></table><pre>keep
              this</pre><a href="javascript:x()" onclick='y(">")'>link</a>
            """
        let result = await extractor.text(of: Array(page.utf8), fileName: "page.html")
        #expect(
            result
                == .text(
                    "Report\nSales & cost\nOne two\nthree <four> €5 &unknown; 1 < 2\na\nb\nx\ty\nkeep\n  this\nlink",
                    truncated: false))
    }

    @Test(
        "unclosed markup ends with the page",
        arguments: ["<p", "<script>x", "<!--", "<![CDATA[x", "<a href='", "<", "</"])
    func unclosed(_ page: String) async {
        guard case .text(let text, false) = await extractor.text(of: Array(page.utf8), type: .html) else {
            Testing.Issue.record("not text")
            return
        }
        #expect(!text.contains("script"))
    }

    @Test("binary data is not text")
    func binary() async {
        let bytes = (0..<4_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }
        #expect(await extractor.text(of: bytes, fileName: "core.txt") == .failed(reason: "the file is not text"))
    }

    @Test("long text is cut between characters and says so")
    func truncates() async {
        var limits = AttachmentLimits.standard
        limits.maximumTextBytes = 10
        let small = AttachmentExtractor(worker: ["/nonexistent"], limits: limits, sandbox: .limitsOnly)
        #expect(
            await small.text(of: Array("123456789é".utf8), fileName: "a.txt") == .text("123456789", truncated: true))
        #expect(
            await small.text(of: Array("1234567890".utf8), fileName: "a.txt") == .text("1234567890", truncated: false))
        limits.maximumInputBytes = 3
        let tiny = AttachmentExtractor(worker: ["/nonexistent"], limits: limits, sandbox: .limitsOnly)
        guard case .failed = await tiny.text(of: Array("1234".utf8), fileName: "a.txt") else {
            Testing.Issue.record("a file over the limit was read")
            return
        }
    }

    @Test("the type is told by the name, then by the media type")
    func types() {
        #expect(AttachmentType(fileName: "A.DOCX", mimeType: nil) == .docx)
        #expect(AttachmentType(fileName: "notes", mimeType: "text/plain; charset=utf-8") == .text)
        #expect(AttachmentType(fileName: "x.pdf", mimeType: "text/plain") == .pdf)
        #expect(AttachmentType(fileName: "photo.png", mimeType: "image/png") == nil)
        #expect(AttachmentType(fileName: "none", mimeType: nil) == nil)
    }

    @Test("a type without text is named")
    func unsupported() async {
        #expect(
            await extractor.text(of: [1], fileName: "a.png", mimeType: "image/png") == .unsupported(type: "image/png"))
    }
}
