internal import FastJSON
internal import HTTPMessages
public import Observability
public import Store
public import WebServer

/// What those who watch over a server ask it: whether it works, whether it is ready, and what it measures.
///
/// None of it holds a secret or anything of an issue; the first two say nothing of what is stored, as anybody may ask.
public struct HealthPages: Sendable {
    private let store: Store
    private let readiness: Readiness
    private let metrics: Metrics
    private let copy: CopyMetrics
    private let mayRead: @Sendable (WebRequest) -> Bool

    /// - Parameter mayReadMetrics: Who is shown names of sources and numbers of issues; without it, programs on this machine
    ///   that ask directly.
    public init(
        store: Store, readiness: Readiness, metrics: Metrics, version: String,
        mayReadMetrics: @escaping @Sendable (WebRequest) -> Bool = Self.isLocal
    ) {
        self.store = store
        self.readiness = readiness
        self.metrics = metrics
        mayRead = mayReadMetrics
        copy = CopyMetrics(metrics: metrics, version: version)
    }

    /// Adds `/healthz`, `/readyz`, `/metrics`, and `/health`, which is `/healthz` by its earlier name.
    public func add(to router: inout Router) {
        for path in ["/healthz", "/health"] { router.on(.get, path) { _ in .later { await health() } } }
        router.on(.get, "/readyz") { _ in .later { await ready() } }
        router.on(.get, "/metrics") { request in
            guard mayRead(request) else { return .now(.text("Not found.\n", status: 404)) }
            return .later { await measured() }
        }
    }

    /// Whether the process works: its database answers.
    private func health() async -> WebResponse {
        let works = await isStoreOpen()
        return Self.answer(works ? 200 : 503, works ? "ok" : "failing", [])
    }

    /// Whether it may be given work: besides, all its parts run.
    private func ready() async -> WebResponse {
        let missing = (await isStoreOpen() ? [] : ["store"]) + readiness.missing
        return Self.answer(missing.isEmpty ? 200 : 503, missing.isEmpty ? "ready" : "not_ready", missing)
    }

    private func isStoreOpen() async -> Bool {
        (try? await store.read { try SourceRecords.all(in: $0).count }) != nil
    }

    private static func answer(_ status: Int, _ word: String, _ missing: [String]) -> WebResponse {
        var json = JSONWriter()
        json.object { json in
            json.member("status", word)
            if !missing.isEmpty {
                json.key("missing")
                json.array { json in missing.forEach { json.string($0) } }
            }
        }
        var response = WebResponse(status: status, body: json.bytes)
        response.headers["Content-Type"] = "application/json"
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }

    private func measured() async -> WebResponse {
        do {
            try await copy.measure(store)
            var response = WebResponse.text(metrics.text, status: 200)
            response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
            response.headers["Cache-Control"] = "no-store"
            return response
        } catch {
            return .text("The metrics could not be read.\n", status: 503)
        }
    }

    /// Whether a program on this machine asks, and not through a proxy on it.
    @Sendable public static func isLocal(_ request: WebRequest) -> Bool {
        let headers = request.message.headers
        return ["127.0.0.1", "::1", "::ffff:127.0.0.1"].contains(request.remoteAddress)
            && proxyHeaders.allSatisfy { headers[$0] == nil }
    }

    /// What proxies add. One that adds none of them must not let the path through.
    private static let proxyHeaders = [
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via",
    ]
}
