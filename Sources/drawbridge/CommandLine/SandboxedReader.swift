import AttachmentText
import Foundation
import SyncEngine

/// Reads the text of attachments, with this same program in its hidden mode as the confined worker.
struct SandboxedReader: AttachmentReading {
    /// The word that starts the hidden mode; see `ExtractionWorker`.
    static let workerCommand = "extract-text"

    /// Made when the first file is read: finding out what this machine can confine starts a process.
    private static let extractor = AttachmentExtractor(
        worker: [
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0],
            workerCommand,
        ])

    /// Why a file has no text, in words that tell nothing of the file.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    func reads(filename: String, mimeType: String) -> Bool {
        AttachmentType(fileName: filename, mimeType: mimeType) != nil
    }

    func text(of bytes: [UInt8], filename: String, mimeType: String) async throws -> String {
        switch await Self.extractor.text(of: bytes, fileName: filename, mimeType: mimeType) {
        case .text(let text, _): return text
        case .unsupported: return ""
        case .failed(let reason): throw Unreadable(description: reason)
        }
    }
}
