/// The kinds of attachment whose text can be read.
public enum AttachmentType: String, Hashable, Sendable, CaseIterable {
    /// Plain text, Markdown, CSV, JSON, log files: read as they are.
    case text
    case html
    case docx
    case xlsx
    case pptx
    case pdf

    /// Decides by the file name's ending, then by the media type. `nil` for anything else.
    public init?(fileName: String, mimeType: String?) {
        let ending = fileName.utf8.lastIndex(of: UInt8(ascii: ".")).map { dot in
            String(fileName[fileName.index(after: dot)...].prefix(12)).lowercased()
        }
        if let ending, let type = Self.byEnding[ending] {
            self = type
            return
        }
        let media = (mimeType ?? "").prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        guard let type = Self.byMediaType[media] else { return nil }
        self = type
    }

    private static let byEnding: [String: AttachmentType] = [
        "txt": .text, "text": .text, "md": .text, "markdown": .text, "csv": .text, "tsv": .text, "json": .text,
        "jsonl": .text, "log": .text, "out": .text, "yaml": .text, "yml": .text, "ini": .text, "conf": .text,
        "properties": .text, "sql": .text, "patch": .text, "diff": .text, "htm": .html, "html": .html, "xhtml": .html,
        "docx": .docx, "docm": .docx, "xlsx": .xlsx, "xlsm": .xlsx, "pptx": .pptx, "pptm": .pptx, "pdf": .pdf,
    ]

    private static let byMediaType: [String: AttachmentType] = [
        "text/plain": .text, "text/markdown": .text, "text/csv": .text, "text/x-log": .text,
        "application/json": .text, "application/x-ndjson": .text, "text/html": .html, "application/xhtml+xml": .html,
        "application/pdf": .pdf,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": .docx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": .xlsx,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": .pptx,
    ]
}

/// What became of an attachment.
public enum ExtractedText: Hashable, Sendable {
    /// Its text; `truncated` when it was longer than ``AttachmentLimits/maximumTextBytes``.
    case text(String, truncated: Bool)
    /// A type no text is read from, by its file name's ending or media type.
    case unsupported(type: String)
    /// A type we read, but not this file. The reason carries nothing of the file.
    case failed(reason: String)
}

/// How much an attachment may cost.
public struct AttachmentLimits: Hashable, Sendable {
    /// Bytes of a file that is read at all. Defaults to 32 MiB.
    public var maximumInputBytes = 32 << 20
    /// Bytes of text kept of one file. Defaults to 2 MiB.
    public var maximumTextBytes = 2 << 20
    /// Wall-clock time of one extraction. Defaults to 20 seconds.
    public var timeout: Duration = .seconds(20)
    /// Processor time of the subprocess, in seconds (`RLIMIT_CPU`). Defaults to 10.
    public var processorSeconds = 10
    /// Address space of the subprocess, in bytes (`RLIMIT_AS`). Defaults to 1 GiB.
    public var memoryBytes = 1 << 30
    /// Bytes the subprocess may write to a file (`RLIMIT_FSIZE`). Defaults to 64 MiB.
    public var fileBytes = 64 << 20
    /// Entries of an Office archive. Defaults to 5,000.
    public var maximumArchiveEntries = 5_000
    /// Bytes that the parts of an Office archive may expand to. Defaults to 128 MiB.
    public var maximumExpandedBytes = 128 << 20
    /// How many times larger the parts may be than the file, beyond the first megabyte. Defaults to 200.
    public var maximumExpansionRatio = 200

    public init() {}

    public static let standard = AttachmentLimits()
}
