public import AuditTrail
internal import Database
public import HTTPMessages
internal import IssueModel
public import Observability
internal import Store
internal import Synchronization
public import Workspace

/// Sends the webhooks of all subscriptions, each in order, several at once, until its task is cancelled.
///
/// One worker for a data folder. What it did not finish is sent again by the next one: receivers may be told twice.
public final class DeliveryWorker: Sendable {
    public struct Options: Sendable {
        /// From one look for something to send to the next. Defaults to a second.
        public var poll: Duration = .seconds(1)
        /// However often there are signals, so much time passes between two looks. Defaults to 100 milliseconds.
        public var pause: Duration = .milliseconds(100)
        /// Webhooks under way at once. Defaults to 8.
        public var width = 8
        public var retries = RetrySchedule()

        public init() {}
    }

    private let feed: ChangeFeed
    private let deliverer: Deliverer
    private let options: Options
    private let log: Log
    private let metrics: Metrics?
    private let state = Mutex(State())
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    private struct State {
        /// Subscriptions with a webhook under way.
        var busy: Set<Int64> = []
        /// How far the feed was when a subscription had nothing to be told, and what decided access.
        var idle: [Int64: EventHub.Look] = [:]
        /// When traces that are too old were last forgotten.
        var purged: Timestamp?
    }

    /// - Parameter transport: Connects to what `target` allows, and to nothing else: ``WebhookTarget/transport()``.
    public init(
        feed: ChangeFeed, transport: any HTTPTransport, target: WebhookTarget, options: Options = Options(),
        log: Log = .silent, metrics: Metrics? = nil
    ) {
        self.feed = feed
        deliverer = Deliverer(feed: feed, transport: transport, target: target, retries: options.retries)
        self.options = options
        self.log = log
        self.metrics = metrics
        (bell, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that there may be something to send. May be called from anywhere, as often as one likes.
    public func signal() { ringer.yield() }

    /// Sends webhooks until the surrounding task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [options, ringer] in
                while (try? await Task.sleep(for: options.poll)) != nil { ringer.yield() }
                ringer.finish()
            }
            for await _ in bell {
                for id in await due() {
                    group.addTask { await self.serve(id) }
                }
                try? await Task.sleep(for: options.pause)
            }
            group.cancelAll()
        }
    }

    /// Sends what is due, once, and returns how many webhooks were taken up: for tests, and for a command.
    @discardableResult
    public func deliverOnce() async -> Int {
        var count = 0
        for id in await due() where await serve(id) { count += 1 }
        return count
    }

    /// Sends a webhook without entries now.
    ///
    /// - Parameter member: The subscription's owner; `nil` for the operator, who may test everybody's.
    /// - Throws: ``FeedError`` with `notFound`.
    public func test(_ id: Int64, of member: MemberID?, by origin: AuditOrigin) async throws -> Delivery {
        try await deliverer.test(id, of: member, by: origin)
    }

    /// Subscriptions that may have something to be sent, which count as busy from now on.
    private func due() async -> [Int64] {
        do {
            try await purge()
            let now = feed.store.now
            let (found, look) = try await feed.store.read { connection in
                let ids = try connection.rows(
                    "SELECT id FROM subscription WHERE state = 'active' AND due <= ? ORDER BY due, id", now.rawValue
                ) { $0.int64(0) }
                return (ids, try EventHub.Look(in: connection))
            }
            return state.withLock { state in
                var chosen: [Int64] = []
                for id in found where state.busy.count < options.width && state.idle[id] != look {
                    if state.busy.insert(id).inserted {
                        // Noted as looked at; forgotten again where there turns out to be more.
                        state.idle[id] = look
                        chosen.append(id)
                    }
                }
                return chosen
            }
        } catch is CancellationError {
            return []
        } catch {
            log.warning(
                "webhooks.look.failed", "What is to be sent by webhooks could not be read.",
                ["cause": .string("\(error)")])
            return []
        }
    }

    @discardableResult
    private func serve(_ id: Int64) async -> Bool {
        var outcome = Deliverer.Outcome.failed
        do {
            outcome = try await deliverer.deliver(id)
        } catch is CancellationError {
            outcome = .failed
        } catch {
            log.error(
                "webhooks.subscription.failed", "A subscription could not be served.",
                ["subscription": .int(Int(id)), "cause": .string("\(error)")])
        }
        if outcome == .disabled {
            log.warning(
                "webhooks.subscription.disabled", "A subscription was disabled: its receiver takes up nothing.",
                ["subscription": .int(Int(id))])
        }
        if outcome != .nothing { metrics?.add(to: Self.sent, ["outcome": Self.word(outcome)]) }
        state.withLock { state in
            state.busy.remove(id)
            if outcome != .nothing { state.idle[id] = nil }
        }
        if case .delivered(true) = outcome { signal() }
        if case .delivered = outcome { return true }
        return false
    }

    private static func word(_ outcome: Deliverer.Outcome) -> String {
        switch outcome {
        case .nothing: "nothing"
        case .delivered: "delivered"
        case .failed: "failed"
        case .disabled: "disabled"
        }
    }

    /// Once an hour.
    private func purge() async throws {
        let now = feed.store.now
        let isDue = state.withLock { state in
            if let last = state.purged, now.rawValue - last.rawValue < 3_600_000, now >= last { return false }
            state.purged = now
            return true
        }
        if isDue { _ = try await feed.store.write { try ChangeFeed.purge(in: $0) } }
    }

    static let sent = Metric.counter(
        "drawbridge_webhooks_sent_total", "Webhooks sent to subscriptions, by what came of it.")
}
