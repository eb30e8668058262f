/// Gets the text out of an attachment's bytes.
public protocol AttachmentReading: Sendable {
    /// Whether there may be text in a file of this kind, so that it is worth fetching.
    func reads(filename: String, mimeType: String) -> Bool

    /// The file's text; empty where it has none.
    ///
    /// - Throws: Where the file is damaged, hostile or too expensive to read. Never anything about other files.
    func text(of bytes: [UInt8], filename: String, mimeType: String) async throws -> String
}
