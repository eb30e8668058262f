public import HTTPMessages
public import JiraSimulator
import SimulatedData
import SimulatedSite
import Synchronization

/// The way to a simulated site: answers take a while, and some go wrong, as the seed says.
public final class UnreliableNetwork: HTTPTransport {
    private let jira: InProcessJira
    private let clock: VirtualClock
    private let trace: SimulationTrace
    private let state: Mutex<State>

    private struct State {
        var random: SeededRandom
        var menu = FaultMenu.quiet
        var isCut = false
        var onRequest: (@Sendable () -> Void)?
        var played: [FaultMenu.Kind: Int] = [:]
        var requests = 0
    }

    public init(_ jira: InProcessJira, clock: VirtualClock, seed: UInt64, trace: SimulationTrace) {
        self.jira = jira
        self.clock = clock
        self.trace = trace
        state = Mutex(State(random: SeededRandom(seed: seed, stream: 0x7e7, item: 0)))
    }

    /// What goes wrong from now on.
    public var menu: FaultMenu {
        get { state.withLock { $0.menu } }
        set { state.withLock { $0.menu = newValue } }
    }

    /// Whether the site cannot be reached at all.
    public var isCut: Bool {
        get { state.withLock { $0.isCut } }
        set { state.withLock { $0.isCut = newValue } }
    }

    /// Called whenever a request has reached the site and is not answered yet: what changes now changes in the middle of
    /// whatever is read.
    public func onRequest(_ body: (@Sendable () -> Void)?) { state.withLock { $0.onRequest = body } }

    /// How often each kind of fault played.
    public var played: [FaultMenu.Kind: Int] { state.withLock { $0.played } }
    public var requests: Int { state.withLock { $0.requests } }

    public func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let (there, back, isCut) = state.withLock { state in
            state.requests += 1
            return (state.random.within(2...40), state.random.within(2...80), state.isCut)
        }
        try await pause(there)
        if isCut {
            trace.note("\(clock.now) cut \(request.url)")
            throw HTTPTransportError(.cannotConnect, detail: "the simulated network is cut")
        }
        let drawn = state.withLock { state -> FaultMenu.Drawn? in
            let drawn = state.menu.draw(using: &state.random, issues: someIssues())
            if let drawn { state.played[drawn.name, default: 0] += 1 }
            return drawn
        }
        state.withLock { $0.onRequest }?()
        // Nothing runs between adding the fault and the site's answer, so it meets this request.
        if let fault = drawn?.fault { jira.faults.add(Fault(fault)) }
        let note = "\(request.method.rawValue) \(request.url)\(drawn.map { " " + $0.name.rawValue } ?? "")"
        do throws(HTTPTransportError) {
            let response = try await jira.send(request)
            trace.note("\(clock.now) \(note) \(response.status) \(response.body.count)")
            try await pause(back)
            if let drawn, drawn.fault == nil {
                throw HTTPTransportError(.connectionLost, detail: "the simulated network lost the answer")
            }
            return response
        } catch {
            trace.note("\(clock.now) \(note) \(error.code.rawValue)")
            throw error
        }
    }

    private func pause(_ milliseconds: Int) async throws(HTTPTransportError) {
        do { try await clock.sleep(for: .milliseconds(milliseconds)) } catch { throw HTTPTransportError(.cancelled) }
    }

    /// Every third issue: what a lagging index may not know.
    private func someIssues() -> [Int] {
        let site = jira.site.current()
        return stride(from: Int(site.version % 3), to: site.issueCount, by: 3).map { site.row($0).id }
    }
}
