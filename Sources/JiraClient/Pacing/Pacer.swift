import Pacing
import Synchronization

/// Holds requests back as ``PacingState`` decides.
final class Pacer: Sendable {
    let options: PacingOptions
    private let time: TimeSource
    private let state: Mutex<State>

    private struct State {
        var pacing: PacingState<Endpoint>
        var waiters: [Endpoint: [Waiter]] = [:]
        var nextWaiter: UInt64 = 0
        var waited: Duration = .zero
    }

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    init(options: PacingOptions, time: TimeSource) {
        self.options = options
        self.time = time
        state = Mutex(State(pacing: PacingState(options.limits)))
    }

    /// The time requests were held back in all.
    var waited: Duration { state.withLock { $0.waited } }

    var status: PacingStatus {
        let now = time.elapsed()
        return state.withLock { state in
            var status = PacingStatus()
            status.lanes = state.pacing.lanes(now).map {
                .init(
                    endpoint: $0.endpoint.description, width: $0.width, inFlight: $0.inFlight, perSecond: $0.perSecond,
                    waits: $0.waits)
            }
            status.paused = max(.zero, state.pacing.pausedUntil - now)
            status.spacing = state.pacing.spacing
            status.budget = state.pacing.budget.map { known in
                .init(
                    limit: known.budget.limit, remaining: known.budget.remaining,
                    resets: known.budget.resets.map { max(.zero, $0 - (now - known.at)) })
            }
            status.share = state.pacing.share
            status.waited = state.waited
            return status
        }
    }

    func limit(to share: Double) { state.withLock { $0.pacing.share = min(max(share, 0.01), 1) } }

    /// Returns when a request of `endpoint` may start, with the moment it started. Each return needs one ``leave(_:startedAt:signal:backoff:)``.
    ///
    /// - Throws: `rateLimited` when the wait would be longer than the options allow; `cancelled`.
    func enter(_ endpoint: Endpoint) async throws(JiraError) -> Duration {
        let arrived = time.elapsed()
        while true {
            if Task.isCancelled { throw JiraError(.cancelled, endpoint: endpoint.description) }
            let now = time.elapsed()
            switch state.withLock({ $0.pacing.admit(endpoint, now: now) }) {
            case .start:
                if now > arrived { state.withLock { $0.waited += now - arrived } }
                return now
            case .wait(let until):
                let wait = until - now
                guard wait <= options.longestWait else {
                    throw JiraError(.rateLimited, endpoint: endpoint.description, status: 429, retryAfter: wait)
                }
                try await pause(wait, endpoint)
            case .laneFull: await waitForRoom(endpoint)
            }
        }
    }

    /// Ends what ``enter(_:)`` began.
    func leave(_ endpoint: Endpoint, startedAt: Duration, signal: RateSignal?, backoff: Duration) {
        let now = time.elapsed()
        let woken = state.withLock { state in
            state.pacing.finish(endpoint, startedAt: startedAt, signal: signal, backoff: backoff, now: now)
            let count = min(state.pacing.room(endpoint), state.waiters[endpoint]?.count ?? 0)
            let woken = Array(state.waiters[endpoint]?.prefix(count) ?? [])
            state.waiters[endpoint]?.removeFirst(count)
            return woken
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Waits outside any lane.
    func pause(_ duration: Duration, _ endpoint: Endpoint) async throws(JiraError) {
        do {
            try await time.sleep(duration)
        } catch {
            throw JiraError(.cancelled, endpoint: endpoint.description)
        }
    }

    private func waitForRoom(_ endpoint: Endpoint) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    // The lane may have emptied since it was found full; nobody would wake us then.
                    guard state.pacing.room(endpoint) == 0, !Task.isCancelled else { return false }
                    state.waiters[endpoint, default: []].append(Waiter(id: id, continuation: continuation))
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters[endpoint]?.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiters[endpoint]?.remove(at: index)
            }
            waiter?.continuation.resume()
        }
    }
}
