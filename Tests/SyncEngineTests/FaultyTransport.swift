import FastJSON
import HTTPMessages
import IssueModel
import JiraClient
import Synchronization

/// Passes requests on, counts which issues are fetched, and loses the connection from some moment on.
final class FaultyTransport: HTTPTransport {
    private let wrapped: any HTTPTransport
    private let state = Mutex(State())

    private struct State {
        var sent = 0
        var isDead = false
        var deadFrom: Int?
        var fetched: [Int64: Int] = [:]
    }

    /// - Parameter deadFrom: Number of the first request that gets no answer.
    init(_ wrapped: any HTTPTransport, deadFrom: Int? = nil) {
        self.wrapped = wrapped
        state.withLock { $0.deadFrom = deadFrom }
    }

    func die() { state.withLock { $0.isDead = true } }

    /// How often each issue was asked for by id.
    var fetched: [Int64: Int] { state.withLock { $0.fetched } }
    var sent: Int { state.withLock { $0.sent } }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let isDead = state.withLock { state in
            state.sent += 1
            if let from = state.deadFrom, state.sent >= from { state.isDead = true }
            return state.isDead
        }
        if isDead { throw HTTPTransportError(.connectionLost) }
        if request.url.hasSuffix("/issue/bulkfetch"), let body = try? JSONValue(parsing: request.body) {
            let ids = body["issueIdsOrKeys"]?.array?.compactMap { $0.string.flatMap { Int64($0) } } ?? []
            state.withLock { state in
                for id in ids { state.fetched[id, default: 0] += 1 }
            }
        }
        return try await wrapped.send(request)
    }
}

extension TimeSource {
    /// Time in which every wait is over at once and counts as passed.
    static func impatient() -> TimeSource {
        let passed = Passed()
        let system = TimeSource.system
        return TimeSource(
            elapsed: { system.elapsed() + passed.duration.withLock { $0 } },
            now: { system.now() },
            sleep: { wait in
                passed.duration.withLock { $0 += wait }
                await Task.yield()
            })
    }

    private final class Passed: Sendable {
        let duration = Mutex(Duration.zero)
    }
}
