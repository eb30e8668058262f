/// Reads the text of attachments, untrusted formats in a sandboxed subprocess.
///
/// Plain text and HTML are decoded here. Office files are read by this program itself in a hidden mode
/// (``ExtractionWorker``), PDF by poppler's `pdftotext`; both see one file on standard input and nothing else.
public struct AttachmentExtractor: Sendable {
    /// Program and first arguments of the worker; its options follow.
    private let worker: [String]
    private let limits: AttachmentLimits
    private let sandbox: Sandbox

    /// - Parameters:
    ///   - worker: The absolute path of a program whose `main` calls ``ExtractionWorker/run(arguments:)`` when started
    ///     with these arguments, such as `["/usr/local/bin/drawbridge", "extract-text"]`.
    ///   - limits: How much one file may cost.
    ///   - sandbox: How subprocesses are confined; by default the best this machine allows.
    public init(worker: [String], limits: AttachmentLimits = .standard, sandbox: Sandbox = .detect()) {
        self.worker = worker
        self.limits = limits
        self.sandbox = sandbox
    }

    /// Reads a file's text. The type is decided by the name, then by the media type.
    public func text(of bytes: [UInt8], fileName: String, mimeType: String? = nil) async -> ExtractedText {
        guard let type = AttachmentType(fileName: fileName, mimeType: mimeType) else {
            return .unsupported(type: mimeType ?? "unknown")
        }
        return await text(of: bytes, type: type)
    }

    /// Reads the text of a file of known type.
    public func text(of bytes: [UInt8], type: AttachmentType) async -> ExtractedText {
        guard bytes.count <= limits.maximumInputBytes else {
            return .failed(reason: "the file is larger than \(limits.maximumInputBytes) bytes")
        }
        switch type {
        case .text, .html:
            guard let text = TextDecoding.decode(bytes) else { return .failed(reason: "the file is not text") }
            return TextDecoding.truncate(type == .html ? HTMLText.extract(text) : text, to: limits.maximumTextBytes)
        case .docx, .xlsx, .pptx:
            return await run(worker + ExtractionWorker.arguments(type: type, limits: limits), bytes)
        case .pdf:
            guard Sandbox.isInstalled("/usr/bin/pdftotext") else {
                return .failed(reason: "pdftotext is not installed; install poppler-utils")
            }
            return await run(["/usr/bin/pdftotext", "-q", "-enc", "UTF-8", "-nopgbrk", "-", "-"], bytes)
        }
    }

    private func run(_ command: [String], _ bytes: [UInt8]) async -> ExtractedText {
        let confined = sandbox.command(command, limits: limits)
        switch await Subprocess(command: confined, input: bytes, limits: limits).runDetached() {
        case .exited(0, let output):
            return TextDecoding.truncate(String(decoding: output, as: UTF8.self), to: limits.maximumTextBytes)
        case .outputLimit(let output): return .text(Self.wholeCharacters(output), truncated: true)
        case .exited(OfficeArchive.Failure.tooLarge.rawValue, _):
            return .failed(reason: "the file expands beyond the limits")
        case .exited(OfficeArchive.Failure.encrypted.rawValue, _): return .failed(reason: "the file is encrypted")
        case .exited(3, _): return .failed(reason: "the file does not allow its text to be read")
        case .exited(let code, _): return .failed(reason: "the file is damaged or not of its type (code \(code))")
        case .signalled(let signal):
            return .failed(reason: "reading it exceeded its memory or processor time (signal \(signal))")
        case .timedOut: return .failed(reason: "reading it took longer than \(limits.timeout)")
        case .cancelled: return .failed(reason: "cancelled")
        case .notStarted(let code): return .failed(reason: "the subprocess could not be started (errno \(code))")
        }
    }

    /// Text cut at a byte, without the character that was cut in two.
    private static func wholeCharacters(_ bytes: [UInt8]) -> String {
        var end = bytes.count
        while end > 0, bytes.count - end < 4, bytes[end - 1] & 0xC0 == 0x80 { end -= 1 }
        if end > 0, bytes[end - 1] >= 0xC0 { end -= 1 } else { end = bytes.count }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
