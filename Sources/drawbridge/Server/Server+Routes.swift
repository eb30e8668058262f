import HTTPMessages
import Monitoring
import WebFrame
import WebServer
import Webhooks

extension Server {
    /// Answers a request: by the surfaces first, then by what the server tells of itself.
    func handle(_ request: WebRequest) -> WebAnswer {
        for surface in surfaces {
            if let answer = surface(request) { return answer }
        }
        return router.respond(to: request)
    }

    private var router: Router {
        var router = Router()
        let (receiver, api) = (receiver, api)
        router.notFound = { api.notFound($0) }
        router.on(.post, "/webhooks/{rest...}") { request in
            .later { WebResponse(await receiver.respond(to: request.message)) }
        }
        HealthPages(
            store: session.store, readiness: readiness, metrics: Watchman.metrics, version: Drawbridge.version
        ).add(to: &router)
        return router
    }
}
