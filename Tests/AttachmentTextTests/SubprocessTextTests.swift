import Foundation
import Testing

@testable import AttachmentText

@Suite("Office and PDF attachments") struct SubprocessTextTests {
    /// Both ways of confinement, where the machine has both.
    static let sandboxes: [Sandbox] = Sandbox.detect() == .bubblewrap ? [.bubblewrap, .limitsOnly] : [.limitsOnly]

    private func extractor(_ sandbox: Sandbox, _ change: (inout AttachmentLimits) -> Void = { _ in })
        -> AttachmentExtractor
    {
        var limits = AttachmentLimits.standard
        change(&limits)
        return AttachmentExtractor(worker: SampleFiles.worker, limits: limits, sandbox: sandbox)
    }

    @Test("Word, Excel, PowerPoint and PDF files give their text", arguments: sandboxes)
    func extracts(_ sandbox: Sandbox) async {
        let extractor = extractor(sandbox)
        #expect(
            await extractor.text(of: SampleFiles.wordFile, fileName: "a.docx")
                == .text("Plan & goals\t next\n&e;café\nline\na\tb\n\na footnote", truncated: false))
        #expect(
            await extractor.text(of: SampleFiles.spreadsheet, fileName: "a.xlsx")
                == .text("Costs & more\nServer\t42.5\ntwo runs\tinline", truncated: false))
        #expect(
            await extractor.text(of: SampleFiles.slides, fileName: "a.pptx")
                == .text("First\nline\n\nSpoken\n\nSecond\n\nTenth", truncated: false))
        guard
            case .text(let text, false) = await extractor.text(
                of: SampleFiles.pdf("Hello from page one"), fileName: "a.pdf")
        else {
            Testing.Issue.record("no text of the PDF")
            return
        }
        #expect(text.contains("Hello from page one"))
    }

    @Test("a zip bomb is refused", arguments: sandboxes)
    func zipBomb(_ sandbox: Sandbox) async {
        let bomb = SampleFiles.docx(String(repeating: "<w:p><w:t>a</w:t></w:p>", count: 2_000_000))
        #expect(bomb.count < 500_000)
        let reason = ExtractedText.failed(reason: "the file expands beyond the limits")
        #expect(await extractor(sandbox) { $0.maximumExpandedBytes = 1 << 20 }.text(of: bomb, type: .docx) == reason)
        #expect(await extractor(sandbox) { $0.maximumExpansionRatio = 10 }.text(of: bomb, type: .docx) == reason)
        let many = SampleFiles.zip((0..<300).map { ("word/header\($0).xml", [0x41]) })
        #expect(await extractor(sandbox) { $0.maximumArchiveEntries = 200 }.text(of: many, type: .docx) == reason)
    }

    @Test("long text of a subprocess is cut and says so", arguments: sandboxes)
    func truncates(_ sandbox: Sandbox) async {
        let file = SampleFiles.docx(String(repeating: "<w:p><w:t>é words</w:t></w:p>", count: 20_000))
        guard
            case .text(let text, true) = await extractor(sandbox, { $0.maximumTextBytes = 1_000 }).text(
                of: file, type: .docx)
        else {
            Testing.Issue.record("not cut")
            return
        }
        #expect(text.utf8.count > 900 && text.utf8.count <= 1_000)
        #expect(!text.contains("\u{FFFD}"))
    }

    @Test("broken files fail, each with a reason", arguments: sandboxes)
    func broken(_ sandbox: Sandbox) async {
        let extractor = extractor(sandbox)
        let word = SampleFiles.wordFile
        let cases: [([UInt8], AttachmentType)] = [
            ([], .docx), (Array("not a zip".utf8), .docx), (Array(word.prefix(word.count / 2)), .docx),
            (Array(word.prefix(60)), .docx), (word, .xlsx), (word, .pptx), (SampleFiles.zip([("a", [1])]), .docx),
            ([], .pdf), (Array("%PDF-1.4 and no more".utf8), .pdf), (word, .pdf),
        ]
        for (bytes, type) in cases {
            guard case .failed(let reason) = await extractor.text(of: bytes, type: type) else {
                Testing.Issue.record("\(bytes.count) bytes as \(type) did not fail")
                continue
            }
            #expect(!reason.isEmpty)
        }
    }

    @Test("damaged bytes anywhere never do more than fail")
    func fuzzed() async {
        var generator = SeededGenerator(seed: 11)
        let extractor = extractor(.limitsOnly)
        for _ in 0..<25 {
            var bytes = SampleFiles.wordFile
            for _ in 0..<8 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            switch await extractor.text(of: bytes, type: .docx) {
            case .text, .failed: break
            case .unsupported: Testing.Issue.record("a known type became unsupported")
            }
        }
    }

    @Test("a program that cannot be started is said to be so")
    func notStarted() async {
        let extractor = AttachmentExtractor(worker: ["/nonexistent/worker"], sandbox: .limitsOnly)
        guard case .failed = await extractor.text(of: SampleFiles.wordFile, type: .docx) else {
            Testing.Issue.record("nothing failed")
            return
        }
    }
}

/// SplitMix64, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
