/// An attachment's bytes: real files of known text, made from a small number that names the file.
///
/// Sites share a few hundred files, so that their sizes are known without making one for every issue.
public struct SimulatedFile: Hashable, Sendable {
    public enum Kind: UInt8, Sendable, CaseIterable {
        case text, markdown, html, pdf, png, docx, log, csv, json

        public var fileExtension: String {
            switch self {
            case .text: "txt"
            case .markdown: "md"
            case .html: "html"
            case .pdf: "pdf"
            case .png: "png"
            case .docx: "docx"
            case .log: "log"
            case .csv: "csv"
            case .json: "json"
            }
        }

        public var mimeType: String {
            switch self {
            case .text, .log: "text/plain"
            case .markdown: "text/markdown"
            case .html: "text/html"
            case .pdf: "application/pdf"
            case .png: "image/png"
            case .docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            case .csv: "text/csv"
            case .json: "application/json"
            }
        }
    }

    public let kind: Kind
    let number: Int
    private let text: String?

    /// How many different files there are of each kind.
    public static let filesPerKind = 24

    /// - Parameter number: Which of the files of that kind; taken modulo ``filesPerKind``.
    public init(kind: Kind, number: Int) {
        self.kind = kind
        self.number = abs(number % Self.filesPerKind)
        text = nil
    }

    /// A text file that says just this.
    public init(text: String) {
        kind = .text
        number = 0
        self.text = text
    }

    private static let sizes: [Int] = Kind.allCases.flatMap { kind in
        (0..<filesPerKind).map { SimulatedFile(kind: kind, number: $0).bytes.count }
    }

    /// The length of ``bytes``.
    public var size: Int { text?.utf8.count ?? Self.sizes[Int(kind.rawValue) * Self.filesPerKind + number] }

    /// What the file says; nil for a picture.
    public var words: [String]? {
        kind == .png ? nil : paragraphs
    }

    private var paragraphs: [String] {
        if let text { return [text] }
        var prose = Prose(SeededRandom(seed: 0xF11E, stream: UInt64(kind.rawValue), item: number))
        return (0..<(3 + number % 5)).map { _ in prose.paragraph(sentences: 3) }
    }

    /// The file itself.
    public var bytes: [UInt8] {
        switch kind {
        case .text: return Array(paragraphs.joined(separator: "\n\n").utf8)
        case .markdown:
            let lines = ["# Notes \(number)"] + paragraphs.map { "- " + $0 }
            return Array(lines.joined(separator: "\n\n").utf8)
        case .html:
            let body = paragraphs.map { "<p>\(FileFormats.markup($0))</p>" }.joined()
            return Array(
                "<!doctype html><html><head><title>Report \(number)</title></head><body>\(body)</body></html>".utf8)
        case .pdf: return FileFormats.pdf(paragraphs)
        case .png:
            var random = SeededRandom(seed: 0xF11E, stream: 99, item: number)
            return FileFormats.png(width: 16 + number, height: 16, random: &random)
        case .docx: return FileFormats.docx(paragraphs)
        case .log:
            var prose = Prose(SeededRandom(seed: 0xF11E, stream: 98, item: number))
            return Array((0..<40).map { _ in prose.logLine() }.joined(separator: "\n").utf8)
        case .csv:
            let rows = paragraphs.enumerated().map { "\($0.offset),\"\($0.element)\"" }
            return Array((["row,note"] + rows).joined(separator: "\r\n").utf8)
        case .json:
            let rows = paragraphs.map { "\"\($0.filter { $0 != "\"" && $0 != "\\" })\"" }
            return Array("{\"report\":\(number),\"notes\":[\(rows.joined(separator: ","))]}".utf8)
        }
    }
}
