import FastJSON
import HTTPMessages
import JiraSimulator
import Simulation
import Synchronization

/// Counts requests to a site and the points they would cost an app on Cloud: one each, one more for each object returned,
/// two for each person, group, role or grant (Atlassian, "Rate limiting").
final class PointMeter: HTTPTransport {
    struct Hour: Sendable {
        var requests = 0
        var points = 0.0
    }

    private struct State {
        var began: Int64 = 0
        var hours: [Int: Hour] = [:]
        var routes: [String: Int] = [:]
        var isCounting = false
    }

    private let jira: InProcessJira
    private let clock: VirtualClock
    private let state = Mutex(State())

    init(_ jira: InProcessJira, _ clock: VirtualClock) {
        self.jira = jira
        self.clock = clock
    }

    /// Counts from now on.
    func begin() {
        let now = clock.now
        jira.log.reset()
        state.withLock { state in
            state = State()
            state.began = now
            state.isCounting = true
        }
    }

    var perHour: [Hour] { state.withLock { Array($0.hours.values) } }
    var total: Int { perHour.reduce(0) { $0 + $1.requests } }
    var routes: [String: Int] { jira.log.countByRoute }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let response = try await jira.send(request)
        let objects = (try? JSONValue(parsing: response.body)).map { Self.objects(in: $0) } ?? 0
        let names = ["user", "group", "role", "permission", "myself"]
        let isIdentity = names.contains { request.url.contains("/" + $0) }
        let points = 1 + Double(objects) * (isIdentity ? 2 : 1)
        let now = clock.now
        state.withLock { state in
            guard state.isCounting else { return }
            let hour = Int((now - state.began) / 3_600_000)
            state.hours[hour, default: Hour()].requests += 1
            state.hours[hour, default: Hour()].points += points
        }
        return response
    }

    /// Members of the list that an answer is, or of the longest it holds.
    private static func objects(in answer: JSONValue) -> Int {
        switch answer {
        case .array(let values): return values.count
        case .object(let members):
            return members.map { if case .array(let values) = $0.value { values.count } else { 0 } }.max() ?? 0
        default: return 0
        }
    }
}
