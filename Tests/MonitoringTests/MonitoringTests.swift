import Foundation
import HTTPMessages
import Monitoring
import Observability
import Store
import Testing
import WebServer

@Suite("Watching over a server") struct MonitoringTests {
    private struct Scene {
        let store: Store
        let readiness = Readiness(expecting: ["keeper", "listener"])
        let metrics = Metrics()
        var router = Router()

        init(_ store: Store) {
            self.store = store
            HealthPages(store: store, readiness: readiness, metrics: metrics, version: "1.2.3").add(to: &router)
        }

        func get(
            _ path: String, from address: String = "127.0.0.1", headers: HTTPHeaders = [:]
        ) async -> (status: Int, text: String) {
            let request = WebRequest(HTTPRequest(.get, path, headers: headers), remoteAddress: address)
            let response: WebResponse
            switch router.respond(to: request) {
            case .now(let answer): response = answer
            case .later(let answer): response = await answer()
            }
            guard case .bytes(let bytes) = response.content else { return (response.status, "") }
            return (response.status, String(decoding: bytes, as: UTF8.self))
        }
    }

    private func with(_ body: (Scene) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("watch-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try await Store(folder: DataFolder(path: folder, for: .writing))
        try await body(Scene(store))
        await store.close()
    }

    @Test("a server is ready once all its parts run, and no longer when one has ended") func readiness() async throws {
        try await with { scene in
            #expect(await scene.get("/healthz").status == 200)
            let first = await scene.get("/readyz")
            #expect(first.status == 503 && first.text.contains(#""missing":["keeper","listener"]"#))
            scene.readiness.set("listener", runs: true)
            #expect(await scene.get("/readyz").status == 503)
            await scene.readiness.during("keeper") {
                let ready = await scene.get("/readyz")
                #expect(ready.status == 200 && ready.text == #"{"status":"ready"}"#)
            }
            #expect(await scene.get("/readyz").status == 503)
            #expect(await scene.get("/healthz").status == 200, "alive all the same")
        }
    }

    @Test("a server whose database does not answer is neither well nor ready") func closedStore() async throws {
        try await with { scene in
            scene.readiness.set("keeper", runs: true)
            scene.readiness.set("listener", runs: true)
            await scene.store.close()
            #expect(await scene.get("/healthz").status == 503)
            #expect(await scene.get("/health").status == 503)
            let ready = await scene.get("/readyz")
            #expect(ready.status == 503 && ready.text.contains(#""missing":["store"]"#))
            #expect(await scene.get("/metrics").status == 503)
        }
    }

    @Test("metrics are for programs on this machine that ask directly") func whoReadsMetrics() async throws {
        try await with { scene in
            let answer = await scene.get("/metrics")
            #expect(answer.status == 200)
            for name in [
                "drawbridge_build_info{version=\"1.2.3\"} 1", "drawbridge_database_bytes ",
                "drawbridge_open_requests 0", "process_resident_memory_bytes ", "process_open_fds ",
            ] {
                #expect(answer.text.contains(name), "\(name)")
            }
            #expect(await scene.get("/metrics", from: "::1").status == 200)
            #expect(await scene.get("/metrics", from: "192.0.2.1").status == 404)
            for header in ["X-Forwarded-For", "Forwarded", "Via", "x-real-ip"] {
                #expect(await scene.get("/metrics", headers: [header: "192.0.2.1"]).status == 404, "\(header)")
            }
        }
    }
}
