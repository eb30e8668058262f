internal import Database
internal import IssueModel
internal import Synchronization

extension WebhookInbox {
    /// Group commit: whoever finds nobody writing writes everything that waits, in one transaction, and hands the turn on.
    ///
    /// Each turn writes one batch, so that no delivery waits for more than the batch under way and its own. A turn whose
    /// task is cancelled gives the others' deliveries to the next in line.
    func write(_ delivery: Delivery) async throws(WebhookError) -> Acceptance {
        let turn = await withCheckedContinuation { continuation in
            let verdict: Turn? = state.withLock { state in
                guard state.queue.count < options.waitingLimit else {
                    return .done(.failure(WebhookError(.cannotStore, "Too many deliveries wait to be stored")))
                }
                state.queue.append(Entry(delivery: delivery, continuation: continuation))
                if state.isWriting { return nil }
                state.isWriting = true
                return .lead
            }
            if let verdict { continuation.resume(returning: verdict) }
        }
        guard case .lead = turn else {
            guard case .done(let result) = turn else { throw WebhookError(.cannotStore, "The inbox stopped") }
            return try result.get()
        }
        let result = await lead()
        handOn()
        return try result.get()
    }

    /// Writes one batch, whose first entry is the caller's own; returns what became of that.
    private func lead() async -> Result<Acceptance, WebhookError> {
        let (batch, hints, sequence) = state.withLock { state in
            let batch = Array(state.queue.prefix(options.batchLimit))
            state.queue.removeFirst(batch.count)
            state.sequence += 1
            return (batch, state.hints, state.sequence)
        }
        var work = InboxBatch(
            deliveries: batch.map(\.delivery), room: max(0, options.hintLimit - hints), sequence: sequence)
        do {
            let written = work
            work = try await database.write { connection in
                var work = written
                try work.run(connection)
                return work
            }
        } catch is CancellationError {
            // Nothing was written. The others' tasks go on.
            state.withLock { $0.queue.insert(contentsOf: batch.dropFirst(), at: 0) }
            return .failure(WebhookError(.cannotStore, "The server stops"))
        } catch {
            let failure = WebhookError(
                .cannotStore, "The delivery cannot be stored: \((error as? DatabaseError)?.code.rawValue ?? "failed")")
            for entry in batch.dropFirst() { entry.continuation.resume(returning: .done(.failure(failure))) }
            return .failure(failure)
        }
        let (outcomes, added) = (work.outcomes, work.added)
        state.withLock { $0.hints += added }
        if outcomes.contains(.stored) { noteArrival() }
        for (entry, outcome) in zip(batch, outcomes).dropFirst() {
            entry.continuation.resume(returning: .done(.success(outcome)))
        }
        return .success(outcomes[0])
    }

    private func handOn() {
        let next = state.withLock { state in
            state.isWriting = !state.queue.isEmpty
            return state.queue.first
        }
        next?.continuation.resume(returning: .lead)
    }
}

/// The deliveries of one transaction.
struct InboxBatch: Sendable {
    let deliveries: [WebhookInbox.Delivery]
    /// Rows of hints that may be added.
    let room: Int
    let sequence: Int64
    var outcomes: [WebhookInbox.Acceptance] = []
    /// Rows of hints that were added.
    var added = 0
    private var tallies: [Int64: WebhookTally] = [:]

    init(deliveries: [WebhookInbox.Delivery], room: Int, sequence: Int64) {
        self.deliveries = deliveries
        self.room = room
        self.sequence = sequence
    }

    mutating func run(_ connection: Connection) throws {
        for delivery in deliveries {
            try connection.execute(
                "INSERT INTO seen (identity, at) VALUES (?, ?) ON CONFLICT DO NOTHING", delivery.identity,
                delivery.at.rawValue)
            if connection.changedRows == 0 {
                outcomes.append(.duplicate)
                tallies[delivery.source, default: .init()].duplicates += 1
                continue
            }
            outcomes.append(.stored)
            tallies[delivery.source, default: .init()].stored += 1
            if !delivery.isKnown { tallies[delivery.source, default: .init()].unknown += 1 }
            try note(delivery, connection)
        }
        for (source, tally) in tallies { try tally.add(to: source, connection) }
    }

    private mutating func note(_ delivery: WebhookInbox.Delivery, _ connection: Connection) throws {
        switch delivery.subject {
        case .issue(let id): try note(id, .changed, delivery, connection)
        case .deletedIssue(let id): try note(id, .deleted, delivery, connection)
        case .link(let from, let to):
            try note(from, .changed, delivery, connection)
            try note(to, .changed, delivery, connection)
        case .catalogue: try mark(.catalogue, delivery, connection)
        case .unlocated: try mark(.changes, delivery, connection)
        case .irrelevant, .unknown: break
        }
    }

    private mutating func note(
        _ id: IssueID, _ cause: InboxCause, _ delivery: WebhookInbox.Delivery, _ connection: Connection
    ) throws {
        try connection.execute(
            """
            UPDATE hint SET causes = causes | ?, outside = min(outside, ?), since = max(since, ?), sequence = ?
            WHERE source_id = ? AND jira_id = ?
            """, cause.rawValue, delivery.isOutside, delivery.at.rawValue, sequence, delivery.source, id.rawValue)
        guard connection.changedRows == 0 else { return }
        guard added < room else {
            tallies[delivery.source, default: .init()].dropped += 1
            return try mark(.changes, delivery, connection)
        }
        try connection.execute(
            "INSERT INTO hint (source_id, jira_id, causes, outside, since, sequence) VALUES (?, ?, ?, ?, ?, ?)",
            delivery.source, id.rawValue, cause.rawValue, delivery.isOutside, delivery.at.rawValue, sequence)
        added += 1
    }

    private func mark(_ kind: InboxMark, _ delivery: WebhookInbox.Delivery, _ connection: Connection) throws {
        try connection.execute(
            """
            INSERT INTO mark (source_id, kind, since, sequence) VALUES (?, ?, ?, ?)
            ON CONFLICT (source_id, kind) DO UPDATE SET since = max(since, excluded.since),
                sequence = excluded.sequence
            """, delivery.source, kind.rawValue, delivery.at.rawValue, sequence)
    }
}

/// What a hint says of its issue; a row has a set of them.
enum InboxCause: Int {
    case changed = 1
    case deleted = 2
}

enum InboxMark: String {
    case catalogue, changes
}
