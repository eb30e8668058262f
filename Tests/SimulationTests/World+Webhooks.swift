import JiraSimulator
import HTTPMessages
import IssueModel
import JiraClient
import SimulatedData
import SimulatedSite
import SimulatedWebhooks
import Simulation
import Store
import Synchronization
import Webhooks

/// The way from the site to Drawbridge.
final class Mailroom: HTTPTransport {
    typealias Answer = @Sendable (HTTPRequest) async -> HTTPResponse?
    private let answer = Mutex<Answer?>(nil)

    func open(_ answer: @escaping Answer) { self.answer.withLock { $0 = answer } }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        guard let response = await answer.withLock({ $0 })?(request) else { throw HTTPTransportError(.cannotConnect) }
        return response
    }
}

/// What Jira tells of changes by itself, and how it gets lost.
extension World {
    /// Has the site tell, as `drawbridge source webhook` does.
    func registerWebhook(_ machine: Machine) async throws {
        guard scenario.hasWebhooks else { return }
        jira.webhooks.plan = scenario.deliveries
        mailroom.open { [weak self] request in await self?.receive(request) }
        let client = try await client(of: machine.process)
        let (store, wall) = (machine.store, wall)
        guard let source = try await store.read({ try SourceRecords.find(Self.name, in: $0) }) else { return }
        let registration = WebhookRegistration(store: store, client: client, clock: { wall.now })
        _ = try await registration.register(source, publicURL: "https://drawbridge.example")
        try await machine.receiver.start()
    }

    private func receive(_ request: HTTPRequest) async -> HTTPResponse? {
        await sleep(milliseconds: 20)
        guard let machine, !machine.process.isKilled, !network.isCut else {
            event("webhook met nobody")
            return nil
        }
        var arrived = request
        arrived.url = URLParts(request.url).map { $0.path + $0.suffix } ?? request.url
        let response = await machine.receiver.respond(to: arrived)
        trace.note("\(clock.now) webhook \(response.status)")
        state.withLock { $0.deliveries["webhook \(response.status)", default: 0] += 1 }
        return response
    }

    /// Sends what is due until everything has come to rest.
    func deliver() async {
        guard scenario.hasWebhooks else { return }
        while !isFinished {
            let wait = jira.webhooks.nextDue.map { max(1, $0 - clock.now) } ?? 20_000
            await sleep(milliseconds: min(wait, 20_000))
            await jira.deliverDue()
        }
    }
}
