public import HTTPMessages
public import Observability
public import Store

/// The feed with all who are told of it, as a server has it: pages, event streams, and webhooks.
///
/// ```swift
/// let service = try FeedService(store: store, target: WebhookTarget(hosts: hosts), log: log, metrics: metrics)
/// await service.run()       // until cancelled: streams then end with a word
/// ```
public struct FeedService: Sendable {
    public let feed: ChangeFeed
    public let events: EventHub
    public let subscriptions: Subscriptions
    public let worker: DeliveryWorker

    /// - Parameters:
    ///   - store: With ``ChangeFeed/migrations``. Its key seals cursors and secrets.
    ///   - transport: Connects to nothing but what `target` allows; ``WebhookTarget/transport()`` without it.
    public init(
        store: Store, target: WebhookTarget = WebhookTarget(), transport: (any HTTPTransport)? = nil,
        events: EventHub.Options = .init(), deliveries: DeliveryWorker.Options = .init(), log: Log = .silent,
        metrics: Metrics? = nil
    ) throws {
        feed = ChangeFeed(store: store, key: try store.secretKey())
        self.events = EventHub(feed: feed, options: events, log: log, metrics: metrics)
        subscriptions = Subscriptions(feed: feed, target: target)
        worker = DeliveryWorker(
            feed: feed, transport: transport ?? target.transport(), target: target, options: deliveries, log: log,
            metrics: metrics)
    }

    /// Tells streams and subscriptions of what changes, until the surrounding task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await events.run() }
            group.addTask { await worker.run() }
        }
    }

    /// Says that something may have changed. May be called from anywhere, as often as one likes.
    public func signal() {
        events.signal()
        worker.signal()
    }
}
