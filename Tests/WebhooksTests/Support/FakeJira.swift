import FastJSON
import HTTPMessages
import IssueModel
import JiraClient
import Synchronization

/// The webhook interfaces of a site, as far as registering needs them; other than the simulator, it can be told to fail
/// in each way by itself.
final class FakeJira: HTTPTransport {
    struct State: Sendable {
        var hooks: [Int: JSONValue] = [:]
        var nextID = 1
        var requests: [String] = []
        var bodies: [JSONValue] = []
        /// Answered in place of everything.
        var failure: (status: Int, body: String)?
        /// Events and members that the site refuses with 400.
        var unknownEvents: Set<String> = []
        var refusesSecrets = false
        /// Filters that the registration of dynamic webhooks refuses.
        var refusedFilters: Set<String> = []
        var answerIsLost = false
        var now: Int64 = 1_800_000_000_000
    }

    enum Kind: Sendable { case cloud, server, dataCenter }

    let kind: Kind
    let state = Mutex(State())

    init(_ kind: Kind) { self.kind = kind }

    var hooks: [JSONValue] { state.withLock { state in state.hooks.sorted { $0.key < $1.key }.map(\.value) } }
    var requests: [String] { state.withLock { $0.requests } }

    /// The requests since the last call.
    func takeRequests() -> [String] {
        state.withLock { state in
            defer { state.requests = [] }
            return state.requests
        }
    }

    func change(_ id: Int, _ member: String, _ value: JSONValue) {
        state.withLock { $0.hooks[id] = $0.hooks[id]?.setting(member, value) }
    }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let path = URLParts(request.url)?.path ?? ""
        let body = (try? JSONValue(parsing: request.body)) ?? .null
        let (answer, isLost) = state.withLock { state in
            state.requests.append("\(request.method.rawValue) \(path)")
            state.bodies.append(body)
            if let failure = state.failure { return (Self.json(failure.body, failure.status), false) }
            let answer = self.answer(request.method.rawValue, path, body, &state)
            return (answer, state.answerIsLost && request.method == .post)
        }
        if isLost { throw HTTPTransportError(.connectionLost) }
        return answer
    }

    private static func json(_ text: String, _ status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: Array(text.utf8))
    }

    private static func json(_ value: JSONValue, _ status: Int = 200) -> HTTPResponse {
        json(String(decoding: value.serialized(), as: UTF8.self), status)
    }

    private func answer(_ method: String, _ path: String, _ body: JSONValue, _ state: inout State) -> HTTPResponse {
        let root = kind == .dataCenter ? "/rest/jira-webhook/1.0/webhooks" : "/rest/webhooks/1.0/webhook"
        if path.hasPrefix("/rest/api/3/webhook") { return dynamic(method, path, body, &state) }
        guard path.hasPrefix(root) else { return Self.json(#"{"message":"null for uri"}"#, 404) }
        let id = Int(path.dropFirst(root.count + 1))
        switch (method, id) {
        case ("GET", nil):
            return Self.json(.array(state.hooks.sorted { $0.key < $1.key }.map { shown($0.value, $0.key) }))
        case ("POST", nil), ("PUT", _?):
            guard id.map({ state.hooks[$0] != nil }) != false else { return Self.json("{}", 404) }
            let events = body["events"]?.array?.compactMap(\.string) ?? []
            let hasSecret = body["secret"] != nil || body["configuration"]?["SECRET"] != nil
            guard state.unknownEvents.isDisjoint(with: events), !(state.refusesSecrets && hasSecret) else {
                return Self.json(#"{"errorMessages":["Not understood"]}"#, 400)
            }
            let number = id ?? state.nextID
            state.nextID = max(state.nextID, number + 1)
            state.hooks[number] = body
            return Self.json(shown(body, number), id == nil ? 201 : 200)
        case ("DELETE", let id?):
            return HTTPResponse(status: state.hooks.removeValue(forKey: id) == nil ? 404 : 204)
        default: return Self.json("{}", 405)
        }
    }

    /// As the site shows a webhook: never its secret.
    private func shown(_ hook: JSONValue, _ id: Int) -> JSONValue {
        var shown = hook
        switch kind {
        case .cloud:
            shown = shown.setting("isSigned", .bool(hook["secret"] != nil))
            shown = shown.setting("self", .string("https://acme.atlassian.net/rest/webhooks/1.0/webhook/\(id)"))
        case .server:
            // It knows no secrets, and passes over what it does not know.
            shown = shown.setting("self", .string("https://jira.example.com/rest/webhooks/1.0/webhook/\(id)"))
                .setting("configuration", nil)
        case .dataCenter:
            shown = shown.setting("id", .integer(Int64(id)))
            if let secret = hook["configuration"]?["SECRET"]?.string {
                shown = shown.setting("configuration", ["SECRET": .string(String(secret.map { _ in "*" }))])
            }
        }
        return shown.setting("secret", nil)
    }

    private func dynamic(_ method: String, _ path: String, _ body: JSONValue, _ state: inout State) -> HTTPResponse {
        let end = state.now + 30 * 86_400_000
        let ids = body["webhookIds"]?.array?.compactMap(\.integer) ?? []
        switch (method, path) {
        case ("GET", _):
            let values = state.hooks.sorted { $0.key < $1.key }.map { $0.value.setting("id", .integer(Int64($0.key))) }
            return Self.json(["isLast": true, "values": .array(values)])
        case ("POST", _):
            let results: [JSONValue] = (body["webhooks"]?.array ?? []).map { hook in
                guard let filter = hook["jqlFilter"]?.string, !state.refusedFilters.contains(filter) else {
                    return ["errors": ["The clause watchCount is unsupported"]]
                }
                let id = state.nextID
                state.nextID += 1
                state.hooks[id] = hook.setting("url", body["url"] ?? .null).setting("expirationDate", .integer(end))
                return ["createdWebhookId": .integer(Int64(id))]
            }
            return Self.json(["webhookRegistrationResult": .array(results)])
        case ("PUT", _):
            for id in ids { state.hooks[id] = state.hooks[id]?.setting("expirationDate", .integer(end)) }
            return Self.json(["expirationDate": .integer(end)])
        case ("DELETE", _):
            for id in ids { state.hooks[id] = nil }
            return HTTPResponse(status: 202)
        default: return Self.json("{}", 405)
        }
    }

    func client(credential: Credential = .apiToken(email: "a@example.com", token: "t")) -> JiraClient {
        let identity = SiteIdentity(
            product: kind == .cloud ? .cloud : .dataCenter, baseURL: "https://acme.atlassian.net",
            apiBase: "https://acme.atlassian.net", version: kind == .dataCenter ? "10.3.24" : "9.12.1")
        var options = JiraClient.Options()
        options.random = { 0.5 }
        let time = TimeSource(
            elapsed: { .zero }, now: { Timestamp(milliseconds: 1_800_000_000_000) }, sleep: { _ in })
        return JiraClient(identity, credential, transport: self, options: options, time: time)
    }
}

extension JSONValue {
    /// The object with a member set; `nil` removes it.
    func setting(_ key: String, _ value: JSONValue?) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members.removeAll { $0.key == key }
        if let value { members.append(Member(key, value)) }
        return .object(members)
    }
}
