import FastJSON
import HTTPMessages
import SimulatedSite
import SimulatedWebhooks
import WebServer

extension Routes {
    mutating func addWebhooks() {
        addAdministrators("/rest/webhooks/1.0/webhook", .classic)
        if isCloud { addApps() } else { addAdministrators("/rest/jira-webhook/1.0/webhooks", .dataCenter) }
    }

    private mutating func addAdministrators(_ path: String, _ shape: WebhookShape) {
        func guarded(_ action: @escaping @Sendable (Call, WebhookCenter) throws -> WebhookAnswer) -> Route.Action {
            { call in
                try call.requireAdministrator()
                return WebResponse(try action(call, call.simulator.webhooks))
            }
        }
        let list = guarded { _, center in center.listForAdministrators(shape) }
        let create = guarded { call, center in
            center.create(try call.body(), shape, by: call.person?.index ?? 0)
        }
        add(.get, path, scope: .webhook, needsLogin: true, list)
        add(.post, path, scope: .webhook, needsLogin: true, create)
        add(.get, path + "/{id}", scope: .webhook, needsLogin: true, guarded { $1.get($0.webhook, shape) })
        add(.delete, path + "/{id}", scope: .webhook, needsLogin: true, guarded { $1.delete($0.webhook) })
        add(
            .put, path + "/{id}", scope: .webhook, needsLogin: true,
            guarded { call, center in
                center.update(call.webhook, try call.body(), shape, by: call.person?.index ?? 0)
            })
    }

    private mutating func addApps() {
        func guarded(_ action: @escaping @Sendable (Call, WebhookCenter, Int) throws -> WebhookAnswer) -> Route.Action {
            { call in
                guard call.identity.isApp, let person = call.person else {
                    throw Refusal(
                        403, "The caller is not an app: only Connect and OAuth 2.0 apps can use this operation.")
                }
                return WebResponse(try action(call, call.simulator.webhooks, person.index))
            }
        }
        let list = guarded { call, center, user in
            center.list(
                user: user, from: try call.integer("startAt", default: 0),
                size: try call.integer("maxResults", default: 100))
        }
        api(.get, "webhook", scope: .webhook, needsLogin: true, list)
        api(
            .post, "webhook", scope: .webhook, needsLogin: true,
            guarded { call, center, user in center.register(try call.body(), user: user) })
        api(
            .delete, "webhook", scope: .webhook, needsLogin: true,
            guarded { call, center, user in center.remove(try call.body(), user: user) })
        api(
            .put, "webhook/refresh", scope: .webhook, needsLogin: true,
            guarded { call, center, user in center.refresh(try call.body(), user: user) })
        api(.get, "webhook/failed", scope: .webhook, needsLogin: true) { _ in
            throw Refusal(403, "Only Connect apps can use this operation.")
        }
    }
}

extension Call {
    fileprivate var webhook: Int { Int(capture("id")) ?? 0 }
}

extension WebResponse {
    init(_ answer: WebhookAnswer) {
        self =
            answer.body.isEmpty ? WebResponse(status: answer.status) : .json(status: answer.status, bytes: answer.body)
    }
}
