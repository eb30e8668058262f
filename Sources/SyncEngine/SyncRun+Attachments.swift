import IssueModel
import JiraClient
import SearchIndex
import SiteConnection
import Store

extension SyncRun {
    /// Fetches attachments that wait for their text, reads them and makes their words searchable.
    ///
    /// Which ones wait is kept with each attachment, and each is stored as soon as it is read, so a run that is stopped goes
    /// on where it was and fetches no file twice but those under way. A failure costs one attachment its text and nothing
    /// else.
    func readAttachments() async throws {
        guard let extractor else { return }
        let sourceID = source.id
        let waiting = try await store.read { try AttachmentTexts.counts(source: sourceID, in: $0)[.pending] ?? 0 }
        expect(waiting)
        var failed = 0
        while true {
            try await refreshAccessIfDue()
            let pending = try await store.read {
                try AttachmentTexts.pending(source: sourceID, limit: 64, in: $0)
            }
            guard !pending.isEmpty else { break }
            let failures = try await each(pending, atOnce: options.attachmentsAtOnce) { attachment in
                let text = try await self.text(of: attachment, extractor)
                try await self.keep(text, of: attachment)
                self.advance(by: 1)
                return if case .failed = text { 1 } else { 0 }
            }
            failed += failures.reduce(0, +)
        }
        if failed > 0 {
            warn(
                .attachmentsUnread, "The text of \(failed) attachments could not be read; their names can be searched.")
        }
    }

    private enum Text: Sendable {
        case extracted(String)
        case skipped
        case failed(String)
    }

    private func text(
        of attachment: AttachmentTexts.Pending, _ extractor: any AttachmentReading
    ) async throws -> Text {
        guard attachment.size <= options.attachmentSizeLimit,
            extractor.reads(filename: attachment.filename, mimeType: attachment.mimeType)
        else { return .skipped }
        let remote = Attachment(
            id: attachment.id, filename: attachment.filename, author: nil, created: Timestamp(milliseconds: 0),
            size: attachment.size, mimeType: attachment.mimeType, contentURL: attachment.contentURL)
        do {
            let bytes = try await client.content(of: remote, limit: Int(options.attachmentSizeLimit))
            let text = try await extractor.text(
                of: bytes, filename: attachment.filename, mimeType: attachment.mimeType)
            return .extracted(text)
        } catch let error as JiraError {
            // A site that is down fails every attachment alike: the run stops, and they go on waiting.
            guard !error.concernsReachability, error.code != .credentialRefused, error.code != .cancelled else {
                throw error
            }
            return .failed(error.description)
        } catch let error as CancellationError {
            throw error
        } catch {
            return .failed("\(error)")
        }
    }

    private func keep(_ text: Text, of attachment: AttachmentTexts.Pending) async throws {
        try await store.write { context in
            let (issue, id) = (attachment.issue, attachment.id)
            switch text {
            case .extracted(let text):
                try AttachmentTexts.store(text, of: id, issue: issue, in: context)
                try SearchIndexWriter.replaceAttachment(
                    id.rawValue, text: attachment.filename + "\n" + text, issue: issue, in: context.connection)
            case .skipped:
                try AttachmentTexts.store(.skipped, problem: nil, of: id, issue: issue, in: context)
            case .failed(let problem):
                try AttachmentTexts.store(.failed, problem: problem, of: id, issue: issue, in: context)
            }
        }
    }
}
