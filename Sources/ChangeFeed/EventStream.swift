public import AccessControl
internal import Cryptography
internal import Store

/// One open stream of events, for as long as somebody listens.
///
/// Events: `change` and `access` as the feed has them, `source` where a source's state changed, and `end` with the reason
/// before the server closes the stream of its own accord. A comment comes at least every quarter of a minute.
public final class EventStream: Sendable {
    /// For whom, and from where.
    public struct Listener: Sendable {
        /// Whose streams are counted together.
        public var member: Int64
        public var reader: Reader
        /// Whether counts of what is read are told.
        public var isAdmin: Bool
        /// The last event's id that the listener has; `nil` for what happens from now on.
        public var after: String?
        /// Who the listener is at this moment; `nil` for nobody any more. Asked again and again while the stream is open.
        public var authorise: @Sendable () async throws -> Reader?

        public init(
            member: Int64, reader: Reader, isAdmin: Bool, after: String?,
            authorise: @escaping @Sendable () async throws -> Reader?
        ) {
            self.member = member
            self.reader = reader
            self.isAdmin = isAdmin
            self.after = after
            self.authorise = authorise
        }
    }

    /// Why the server ends a stream.
    public enum End: String, Hashable, Sendable, CaseIterable {
        /// The server stops; another may be there soon.
        case stopping
        /// The session or token is no longer good.
        case signedOut = "signed_out"
        /// The member is another person in Jira than when the stream began: to be opened again.
        case identity
    }

    private let hub: EventHub
    private let listener: Listener
    private let start: FeedPosition?
    let number: Int

    init(_ hub: EventHub, _ listener: Listener, from start: FeedPosition?, number: Int) {
        self.hub = hub
        self.listener = listener
        self.start = start
        self.number = number
    }

    deinit { hub.close(number, listener.reader) }

    /// What this stream has told so far.
    private struct Progress {
        var position: FeedPosition?
        /// Batches of the reader's group that were taken up; `nil` while the stream reads for itself.
        var mark: Int?
        var seen = EventHub.Counters()
        var statuses: [Int64: [UInt8]] = [:]
    }

    /// Writes events until there is a reason to end, the task is cancelled, or `write` throws because nobody listens.
    public func run(_ write: @Sendable ([UInt8]) async throws -> Void) async throws {
        defer { hub.close(number, listener.reader) }
        var progress = Progress()
        progress.position = start
        try await write(ServerSentEvent.opening)
        while true {
            try Task.checkCancellation()
            let news = hub.news(for: number)
            if news.counters.isOver { return try await write(ServerSentEvent.end(.stopping)) }
            var isSilent = true
            if news.counters.checks != progress.seen.checks || news.counters.heartbeats != progress.seen.heartbeats {
                guard let reader = try await listener.authorise() else {
                    return try await write(ServerSentEvent.end(.signedOut))
                }
                guard reader == listener.reader else { return try await write(ServerSentEvent.end(.identity)) }
            }
            for event in statusEvents(news.statuses, &progress) {
                try await write(event)
                isSilent = false
            }
            for bytes in try await changeEvents(&progress) {
                try await write(bytes)
                isSilent = false
            }
            if isSilent, news.counters.heartbeats != progress.seen.heartbeats {
                try await write(ServerSentEvent.heartbeat)
            }
            progress.seen = news.counters
            if progress.mark != nil { await hub.wait(number, after: news.generation) }
        }
    }

    private func statusEvents(_ statuses: [SourceStatus], _ progress: inout Progress) -> [[UInt8]] {
        var events: [[UInt8]] = []
        for status in statuses where status.isShown(to: listener.reader) {
            let bytes = listener.isAdmin ? status.full : status.short
            if progress.statuses.updateValue(bytes, forKey: status.id) != bytes {
                events.append(ServerSentEvent.event("source", bytes))
            }
        }
        return events
    }

    /// What is new: from the reader's group where the stream has caught up with it, else one page of its own.
    private func changeEvents(_ progress: inout Progress) async throws -> [[UInt8]] {
        if let mark = progress.mark {
            guard let batches = hub.batches(of: listener.reader, after: mark) else {
                // Too slow for what is kept in memory: it goes on from what it has.
                hub.leave(number, listener.reader)
                progress.mark = nil
                return []
            }
            progress.mark = mark + batches.count
            progress.position = batches.last?.position ?? progress.position
            return batches.map(\.bytes)
        }
        let page = try await hub.page(for: listener.reader, after: progress.position)
        progress.position = page.position
        if !page.hasMore { progress.mark = hub.join(number, listener.reader, at: page) }
        let bytes = try hub.bytes(of: page)
        return bytes.isEmpty ? [] : [bytes]
    }
}
