internal import AccessControl
internal import AuditTrail
internal import Database
internal import IssueModel
public import Observability
internal import Store
internal import Synchronization

/// Tells every open stream what happens, looking at the database once for all of them.
///
/// Streams of one reader share what is found for it. ``run()`` must be running; when it is cancelled, every stream ends
/// with a word.
public final class EventHub: Sendable {
    public struct Options: Sendable {
        /// From one look at the database to the next; ``EventHub/signal()`` makes it earlier. Defaults to a second.
        public var poll: Duration = .seconds(1)
        /// However often there are signals, so much time passes between two looks. Defaults to 100 milliseconds.
        public var pause: Duration = .milliseconds(100)
        /// Every so many polls each stream is sent something, and whoever listens is checked. Defaults to 15.
        public var heartbeat = 15
        /// Streams open at once. Defaults to 2,000.
        public var streams = 2_000
        /// Streams that one member may have open. Defaults to 32.
        public var streamsPerMember = 32
        /// Entries that one look takes up for a reader. Defaults to 500.
        public var entries = 500
        /// Batches, and bytes of them, kept for the slower streams of a reader.
        public var batches = 64
        public var batchBytes = 1 << 20

        public init() {}
    }

    let feed: ChangeFeed
    let options: Options
    private let log: Log
    private let metrics: Metrics?
    private let state = Mutex(State())
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    /// Counters of what concerns all streams.
    struct Counters: Hashable, Sendable {
        var isOver = false
        var heartbeats = 0
        var checks = 0
    }

    struct Batch: Sendable {
        let position: FeedPosition
        let bytes: [UInt8]
    }

    fileprivate struct Member: Sendable {
        let member: Int64
        var generation = 0
        var isJoined = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// The streams of one reader that have caught up.
    fileprivate struct Group: Sendable {
        var position: FeedPosition
        var validUntil: Timestamp?
        var streams = 1
        var batches: [Batch] = []
        var bytes = 0
        /// Batches that are kept no longer.
        var dropped = 0
        var count: Int { dropped + batches.count }
    }

    fileprivate struct State {
        var counters = Counters()
        var lastNumber = 0
        var streams: [Int: Member] = [:]
        var groups: [Reader: Group] = [:]
        var statuses: [SourceStatus] = []
        var look: Look?
        /// Whether readers must be looked at although nothing happened.
        var isDue = false
        var polls = 0
        var isPollDue = false
    }

    /// Whatever tells whether readers must be looked at.
    struct Look: Hashable, Sendable {
        var head: Int64
        var lastIssue: Int64
        var lastAcl: Int64
        var accessVersion: Int64
        var audited: Int64

        init(in connection: Connection) throws {
            head = try ChangeFeed.head(in: connection)
            lastIssue = try ChangeFeed.lastIssue(in: connection)
            lastAcl = try connection.first("SELECT max(id) FROM acl") { $0.int64(0) } ?? 0
            accessVersion = try Settings.accessVersion(in: connection)
            audited = try AuditTrail.head(in: connection).number
        }
    }

    public init(feed: ChangeFeed, options: Options = Options(), log: Log = .silent, metrics: Metrics? = nil) {
        self.feed = feed
        self.options = options
        self.log = log
        self.metrics = metrics
        (bell, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that something may have changed. May be called from anywhere, as often as one likes.
    public func signal() { ringer.yield() }

    /// Streams that are open now.
    public var count: Int { state.withLock { $0.streams.count } }

    /// Looks for what is new until the surrounding task is cancelled; then every stream is told that it ends.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                while (try? await Task.sleep(for: options.poll)) != nil {
                    state.withLock { $0.isPollDue = true }
                    ringer.yield()
                }
                ringer.finish()
            }
            for await _ in bell {
                // Signals may have taken the place of what the timer rang.
                let isPoll = state.withLock { state in
                    defer { state.isPollDue = false }
                    return state.isPollDue
                }
                await look(isPoll: isPoll)
                try? await Task.sleep(for: options.pause)
            }
            group.cancelAll()
        }
        end()
    }

    /// Ends every stream with a word, and refuses new ones.
    public func end() {
        let waiters = state.withLock { state in
            state.counters.isOver = true
            return Self.wake(&state) { _ in true }
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Opens a stream; it is counted until it is let go.
    ///
    /// - Throws: ``FeedError`` with `invalidCursor`, `tooManyStreams` or `stopping`.
    public func open(_ listener: EventStream.Listener) throws(FeedError) -> EventStream {
        var start: FeedPosition?
        if let after = listener.after { start = try FeedPosition(sealed: after, key: feed.key) }
        let options = options
        let number = try state.withLock { state throws(FeedError) -> Int in
            if state.counters.isOver { throw FeedError(.stopping, "The server is stopping.") }
            let own = state.streams.values.count { $0.member == listener.member }
            guard state.streams.count < options.streams, own < options.streamsPerMember else {
                throw FeedError(.tooManyStreams, "Too many event streams are open. Close one, or try again later.")
            }
            state.lastNumber += 1
            state.streams[state.lastNumber] = Member(member: listener.member)
            return state.lastNumber
        }
        metrics?.set(Self.open, to: Double(count))
        return EventStream(self, listener, from: start, number: number)
    }

    static let open = Metric.gauge("drawbridge_event_streams", "Event streams that are open.")
}

// MARK: What streams ask

extension EventHub {
    struct News: Sendable {
        var counters: Counters
        var statuses: [SourceStatus]
        var generation: Int
    }

    func news(for number: Int) -> News {
        state.withLock {
            News(counters: $0.counters, statuses: $0.statuses, generation: $0.streams[number]?.generation ?? 0)
        }
    }

    /// Returns when there is news for the stream since `generation`, or when the task is cancelled.
    func wait(_ number: Int, after generation: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard let known = state.streams[number], known.generation == generation, !Task.isCancelled
                    else { return true }
                    state.streams[number]?.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.streams[number]?.waiter.take() }?.resume()
        }
    }

    /// The batches after the first `mark`; `nil` where some of them are kept no longer.
    func batches(of reader: Reader, after mark: Int) -> [Batch]? {
        state.withLock { state in
            guard let group = state.groups[reader], mark >= group.dropped else { return nil }
            return Array(group.batches.dropFirst(mark - group.dropped))
        }
    }

    /// A stream that read everything up to the end of `page` goes on with the others of its reader.
    ///
    /// - Returns: The mark of its next batch; `nil` where the others are further.
    func join(_ number: Int, _ reader: Reader, at page: FeedPage) -> Int? {
        state.withLock { state in
            if let group = state.groups[reader] {
                guard group.position.seq <= page.position.seq, group.position.issue <= page.position.issue
                else { return nil }
                state.groups[reader]?.streams += 1
            } else {
                state.groups[reader] = Group(position: page.position, validUntil: page.validUntil)
                // Looked at the next time, whatever happened since the page was read.
                state.isDue = true
            }
            state.streams[number]?.isJoined = true
            return state.groups[reader]?.count
        }
    }

    func leave(_ number: Int, _ reader: Reader) {
        state.withLock { state in
            guard state.streams[number]?.isJoined == true else { return }
            state.streams[number]?.isJoined = false
            state.groups[reader]?.streams -= 1
            if state.groups[reader]?.streams == 0 { state.groups[reader] = nil }
        }
    }

    func close(_ number: Int, _ reader: Reader) {
        leave(number, reader)
        let waiter = state.withLock { $0.streams.removeValue(forKey: number)?.waiter }
        waiter?.resume()
        metrics?.set(Self.open, to: Double(count))
    }

    func page(for reader: Reader, after position: FeedPosition?) async throws -> FeedPage {
        let reading = reading(for: reader)
        return try await feed.store.read { try reading.page(after: position, orFrom: .now, in: $0) }
    }

    func bytes(of page: FeedPage) throws -> [UInt8] { try ServerSentEvent.changes(page, key: feed.key) }

    private func reading(for reader: Reader) -> FeedReading {
        FeedReading(reader: reader, access: feed.store.access, limit: options.entries, followingKey: feed.key)
    }
}

// MARK: Looking

extension EventHub {
    /// What one look found.
    fileprivate struct Findings: Sendable {
        var look: Look
        /// Looked at with polls only.
        var statuses: [SourceStatus]?
        var pages: [Reader: (from: FeedPosition, page: FeedPage)] = [:]
    }

    /// Looks once for what is new, and wakes those whom it concerns. ``run()`` does this by itself.
    ///
    /// - Parameter isPoll: Whether it counts towards the next heartbeat.
    public func look(isPoll: Bool = true) async {
        let (groups, last) = state.withLock { state in
            let last = state.isDue ? nil : state.look
            state.isDue = false
            return (state.streams.isEmpty ? nil : state.groups.map { ($0, $1.position, $1.validUntil) }, last)
        }
        guard let groups else { return }
        do {
            let now = feed.store.now
            let findings = try await feed.store.read { [self] connection in
                var findings = Findings(
                    look: try Look(in: connection),
                    statuses: isPoll ? try SourceStatus.all(now: now, in: connection) : nil)
                for (reader, position, validUntil) in groups
                where findings.look != last || validUntil.map({ $0 <= now }) ?? false {
                    let page = try reading(for: reader).page(after: position, in: connection)
                    findings.pages[reader] = (from: position, page: page)
                }
                return findings
            }
            try take(findings, isPoll: isPoll)
        } catch is CancellationError {
            return
        } catch {
            log.warning(
                "events.look.failed", "Event streams could not be told what is new.", ["cause": .string("\(error)")])
        }
    }

    private func take(_ findings: Findings, isPoll: Bool) throws {
        let batches = try findings.pages.mapValues { Batch(position: $0.page.position, bytes: try bytes(of: $0.page)) }
        let options = options
        let waiters = state.withLock { state in
            var concerned: Set<Reader> = []
            for (reader, (from, page)) in findings.pages {
                // A group that came while this was read has a position of its own.
                guard var group = state.groups[reader], group.position == from, let batch = batches[reader]
                else { continue }
                group.position = page.position
                group.validUntil = page.validUntil
                if !batch.bytes.isEmpty {
                    group.add(batch, within: options)
                    concerned.insert(reader)
                }
                state.groups[reader] = group
            }
            var isForAll = false
            if let statuses = findings.statuses, statuses != state.statuses {
                state.statuses = statuses
                isForAll = true
            }
            let (last, look) = (state.look, findings.look)
            if last?.audited != look.audited || last?.accessVersion != look.accessVersion {
                state.counters.checks += 1
                isForAll = true
            }
            state.look = look
            if isPoll {
                state.polls += 1
                if state.polls % max(1, options.heartbeat) == 0 {
                    state.counters.heartbeats += 1
                    isForAll = true
                }
            }
            return Self.wake(&state) { isForAll || !concerned.isEmpty && $0.isJoined }
        }
        for waiter in waiters { waiter.resume() }
        if findings.pages.values.contains(where: \.page.hasMore) { signal() }
    }

    private static func wake(
        _ state: inout State, _ isConcerned: (Member) -> Bool
    ) -> [CheckedContinuation<Void, Never>] {
        var waiters: [CheckedContinuation<Void, Never>] = []
        for (number, stream) in state.streams where isConcerned(stream) {
            state.streams[number]?.generation += 1
            if let waiter = stream.waiter {
                waiters.append(waiter)
                state.streams[number]?.waiter = nil
            }
        }
        return waiters
    }
}

extension EventHub.Group {
    fileprivate mutating func add(_ batch: EventHub.Batch, within options: EventHub.Options) {
        batches.append(batch)
        bytes += batch.bytes.count
        while batches.count > options.batches || bytes > options.batchBytes, batches.count > 1 {
            bytes -= batches.removeFirst().bytes.count
            dropped += 1
        }
    }
}
