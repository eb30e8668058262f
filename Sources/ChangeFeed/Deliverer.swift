internal import AccessControl
internal import AuditTrail
internal import Database
internal import HTTPMessages
internal import IssueModel
internal import Store
internal import Workspace

/// Sends one subscription's next webhook, and notes how that went.
struct Deliverer: Sendable {
    let feed: ChangeFeed
    let transport: any HTTPTransport
    let target: WebhookTarget
    let retries: RetrySchedule
    /// Entries of one webhook at most.
    var entries = 100

    /// What came of an attempt.
    enum Outcome: Hashable, Sendable {
        /// There is nothing to be told at present.
        case nothing
        case delivered(hasMore: Bool)
        case failed
        case disabled
    }

    /// What is sent, and where the subscription stands then.
    private struct Attempt: Sendable {
        var subscription: Subscription
        var secret: [UInt8]
        var page: FeedPage
        /// As it was stored.
        var from: [UInt8]
        var delivery: Int64
        var attempts: Int
    }

    /// Sends what the subscription's owner may see now and was not told yet.
    func deliver(_ id: Int64) async throws -> Outcome {
        guard let (subscription, secret, from, page) = try await next(id) else { return .nothing }
        if page.changes.isEmpty {
            // So that hidden changes are not looked at again and again.
            if page.hasMore { return try await pass(id, from: from, to: page) }
            return .nothing
        }
        let (delivery, attempts) = try await begin(id, from: from, page)
        let attempt = Attempt(
            subscription: subscription, secret: secret, page: page, from: from, delivery: delivery, attempts: attempts)
        let result = await send(
            WebhookMessage(delivery: delivery, subscription: id, kind: .changes, changes: page.changes), subscription,
            secret)
        return try await note(result, of: attempt)
    }

    /// Sends a webhook without entries, whatever the state of the subscription.
    func test(_ id: Int64, of member: MemberID?, by origin: AuditOrigin) async throws -> Delivery {
        let key = feed.key
        let (subscription, secret, delivery) = try await feed.store.write { context in
            let known = try Subscriptions.require(id, of: member, in: context.connection)
            try context.connection.execute(
                """
                INSERT INTO delivery (subscription_id, kind, state, started, attempts, position)
                SELECT id, 'test', 'waiting', ?, 1, position FROM subscription WHERE id = ?
                """, context.now.rawValue, id)
            let delivery = context.connection.lastInsertedID
            try Self.forgetOld(of: id, in: context.connection)
            try AuditTrail.append(
                origin.event(
                    "subscription.tested", subject: known.name, details: Subscriptions.details(id, known.url)),
                in: context)
            return (known, try Subscriptions.secret(of: id, key, in: context.connection), delivery)
        }
        let result = await send(
            WebhookMessage(delivery: delivery, subscription: id, kind: .test, changes: []), subscription, secret)
        return try await feed.store.write { context in
            try Self.close(delivery, result, isLast: true, in: context)
            let all = try Subscriptions.deliveries(of: id, of: member, in: context.connection)
            guard let sent = all.first(where: { $0.id == delivery }) else { throw Subscriptions.unknown }
            return sent
        }
    }

    // MARK: Steps

    private func next(_ id: Int64) async throws -> (Subscription, [UInt8], from: [UInt8], FeedPage)? {
        let (feed, entries) = (feed, entries)
        return try await feed.store.read { connection in
            let found = try connection.first(
                "SELECT \(Subscriptions.columns), position FROM subscription WHERE id = ?", id
            ) { (try Subscriptions.record($0), $0.blob(11)) }
            guard let (subscription, from) = found, subscription.state == .active,
                subscription.due <= feed.store.now,
                let member = try MemberRecords.member(subscription.member, in: connection), member.state == .active
            else { return nil }
            guard let position = FeedPosition(bytes: from) else {
                throw FeedError(.damaged, "Subscription \(id) has a position this version does not know.")
            }
            let reading = FeedReading(
                reader: try MemberReader.reader(for: member, in: connection), access: feed.store.access,
                limit: entries, followingKey: feed.key)
            let page = try reading.page(after: position, in: connection)
            return (subscription, try Subscriptions.secret(of: id, feed.key, in: connection), from, page)
        }
    }

    private func pass(_ id: Int64, from: [UInt8], to page: FeedPage) async throws -> Outcome {
        try await feed.store.write { context in
            try context.connection.execute(
                "UPDATE subscription SET position = ? WHERE id = ? AND position = ?", page.position.bytes, id, from)
            return .delivered(hasMore: true)
        }
    }

    /// Notes that a webhook is about to be sent: the one that waits for another attempt, or a new one.
    private func begin(_ id: Int64, from: [UInt8], _ page: FeedPage) async throws -> (id: Int64, attempts: Int) {
        try await feed.store.write { context in
            let connection = context.connection
            let waiting = try connection.first(
                """
                SELECT id, attempts FROM delivery WHERE subscription_id = ? AND kind = 'changes' AND state = 'waiting'
                ORDER BY id DESC LIMIT 1
                """, id
            ) { ($0.int64(0), $0.int(1)) }
            if let (delivery, attempts) = waiting {
                try connection.execute(
                    "UPDATE delivery SET attempts = ?, entries = ?, position = ? WHERE id = ?", attempts + 1,
                    page.changes.count, from, delivery)
                return (delivery, attempts + 1)
            }
            try connection.execute(
                """
                INSERT INTO delivery (subscription_id, kind, state, started, attempts, entries, position)
                VALUES (?, 'changes', 'waiting', ?, 1, ?, ?)
                """, id, context.now.rawValue, page.changes.count, from)
            let delivery = connection.lastInsertedID
            try Self.forgetOld(of: id, in: connection)
            return (delivery, 1)
        }
    }

    private static func forgetOld(of id: Int64, in connection: Connection) throws {
        try connection.execute(
            """
            DELETE FROM delivery WHERE subscription_id = ?1 AND id <= (
                SELECT id FROM delivery WHERE subscription_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
            """, id, Delivery.kept)
    }

    /// What the receiver said, as far as it counts.
    private struct Result: Sendable {
        var status: Int?
        /// `nil` where it was taken up.
        var problem: String?
        var isGone: Bool { status == 410 }
    }

    private func send(_ message: WebhookMessage, _ subscription: Subscription, _ secret: [UInt8]) async -> Result {
        do {
            // What is allowed may have changed since the subscription was made.
            try target.check(subscription.url)
            let request = message.request(to: subscription.url, secret: secret, at: feed.store.now)
            let response = try await transport.send(request)
            switch response.status {
            case 200..<300: return Result(status: response.status)
            case 300..<400:
                return Result(
                    status: response.status, problem: "The receiver answered with a redirect, which is not followed.")
            default: return Result(status: response.status, problem: "The receiver answered \(response.status).")
            }
        } catch let error as FeedError {
            return Result(problem: error.message)
        } catch let error as HTTPTransportError {
            let words = error.code == .addressRefused ? "The host has an address that may not be used." : nil
            return Result(problem: words ?? "The receiver could not be reached: \(error.code.rawValue).")
        } catch {
            return Result(problem: "The receiver could not be reached.")
        }
    }

    private func note(_ result: Result, of attempt: Attempt) async throws -> Outcome {
        let retries = retries
        return try await feed.store.write { context in
            let (connection, now, id) = (context.connection, context.now, attempt.subscription.id)
            if result.problem == nil {
                // A position that moved meanwhile is one that the owner asked for: it stays.
                try connection.execute(
                    """
                    UPDATE subscription SET position = CASE position WHEN ?2 THEN ?3 ELSE position END, problem = NULL,
                        failing = NULL, attempts = 0, due = 0, delivered = ?4 WHERE id = ?1
                    """, id, attempt.from, attempt.page.position.bytes, now.rawValue)
                try Self.close(attempt.delivery, result, isLast: true, in: context)
                return .delivered(hasMore: attempt.page.hasMore)
            }
            let failing = attempt.subscription.failing ?? now
            let isOver = result.isGone || retries.isOver(since: failing, at: now)
            let attempts = attempt.subscription.attempts + 1
            try connection.execute(
                """
                UPDATE subscription SET problem = ?, failing = ?, attempts = ?, due = ?,
                    state = CASE WHEN ? AND state = 'active' THEN 'disabled' ELSE state END
                WHERE id = ?
                """, result.problem, failing.rawValue, attempts, retries.next(after: attempts, at: now).rawValue,
                isOver, id)
            try Self.close(attempt.delivery, result, isLast: isOver, in: context)
            guard isOver, connection.changedRows > 0 else { return .failed }
            let details = Subscriptions.details(id, attempt.subscription.url, state: .disabled)
            try AuditTrail.append(
                AuditOrigin.system.event("subscription.disabled", subject: attempt.subscription.name, details: details),
                in: context)
            return .disabled
        }
    }

    private static func close(_ delivery: Int64, _ result: Result, isLast: Bool, in context: WriteContext) throws {
        let state: Delivery.State = result.problem == nil ? .delivered : isLast ? .failed : .waiting
        try context.connection.execute(
            "UPDATE delivery SET state = ?, ended = ?, status = ?, problem = ? WHERE id = ?", state.rawValue,
            state == .waiting ? nil : context.now.rawValue, result.status, result.problem, delivery)
    }
}
