internal import ChangeFeed
internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// A member's own subscriptions to webhooks.
enum SubscriptionOperations {
    static let all = [list, create, show, update, remove, renew, test, deliveries, redeliver]

    private static let path = "/api/v1/subscriptions/{subscription}"
    private static let number = Parameter.path("subscription", "the subscription's id")

    private static let subscription = Schema.object(members).named("Subscription")
    private static let issued = Schema.object(
        members + [.required("secret", .text().saying("signs the webhooks; shown this once"))]
    ).named("IssuedSubscription")

    private static let members: [Schema.Property] = [
        .required("id", .text()), .required("name", .text()), .required("url", .text(format: "uri")),
        .required("state", .choice(of: Subscription.State.self)),
        .optional("problem", .text().saying("why it is disabled, or why the last attempt failed")),
        .required("created", .time), .optional("failingSince", .time), .optional("nextAttempt", .time),
        .optional("delivered", .time.saying("when a webhook was last taken up")),
    ]

    private static let delivery = Schema.object([
        .required("id", .text()), .required("kind", .choice(of: Delivery.Kind.self)),
        .required("state", .choice(of: Delivery.State.self)), .required("started", .time), .optional("ended", .time),
        .required("attempts", .integer()), .optional("status", .integer(100...999)), .optional("problem", .text()),
        .required("entries", .integer()),
    ]).named("Delivery")

    private static let list = Operation(
        .get, "/api/v1/subscriptions", id: "subscriptions.list", summary: "Your subscriptions", rule: .member(.read),
        answers: [
            200: .json(
                "The subscriptions, the oldest first",
                .object([.required("subscriptions", .list(of: subscription))]).named("Subscriptions"))
        ]
    ) { call in
        let member = try call.member().id
        let all = try await call.services.store.read { try Subscriptions.list(of: member, in: $0) }
        return .json { json in
            json.key("subscriptions")
            json.array { json in all.forEach { $0.write(to: &json) } }
        }
    }

    private static let create = Operation(
        .post, "/api/v1/subscriptions", id: "subscriptions.create", summary: "Subscribe to what changes",
        details: """
            Webhooks are POST requests with JSON: delivery, subscription, sent, kind and changes, the entries as /api/v1/changes has \
            them, of what you may see at that moment. Drawbridge-Signature is t=SECONDS,v1=HEX, the HMAC-SHA256 of SECONDS.BODY under \
            the secret. What is not answered with 2xx within 15 seconds is sent again, later and later; after three days of that the \
            subscription is disabled. Receivers may be told twice.
            """,
        rule: .member(.write),
        body: .json(
            .input([
                .required("name", .text(1...Subscription.nameLimit)), .required("url", .text(1...2_000, format: "uri")),
            ])
        ),
        answers: [201: .json("The subscription with its secret", issued)], problems: [409, 422]
    ) { call in
        let made = try await call.feed().subscriptions.create(
            call.body["name"]?.string ?? "", url: call.body["url"]?.string ?? "", for: try call.member(),
            by: call.caller.origin)
        return .created("/api/v1/subscriptions/\(made.subscription.id)", Self.bytes(made))
    }

    private static let show = Operation(
        .get, path, id: "subscriptions.show", summary: "One of your subscriptions", rule: .member(.read),
        parameters: [number], answers: [200: .json("The subscription", subscription)]
    ) { call in
        let (id, member) = (try call.subscription(), try call.member().id)
        return Self.answer(
            try await call.services.store.read { try Subscriptions.require(id, of: member, in: $0) })
    }

    private static let update = Operation(
        HTTPMethod(rawValue: "PATCH"), path, id: "subscriptions.update",
        summary: "Change a subscription, pause it, or make it active again", rule: .member(.write),
        parameters: [number],
        body: .json(
            .input([
                .optional("name", .text(1...Subscription.nameLimit)), .optional("url", .text(1...2_000, format: "uri")),
                .optional("paused", .boolean),
            ])),
        answers: [200: .json("The subscription", subscription)], problems: [409, 422]
    ) { call in
        let revision = Subscriptions.Revision(
            name: call.body["name"]?.string, url: call.body["url"]?.string, isPaused: call.body["paused"]?.bool)
        return Self.answer(
            try await call.feed().subscriptions.update(
                try call.subscription(), of: try call.member().id, revision, by: call.caller.origin))
    }

    private static let remove = Operation(
        .delete, path, id: "subscriptions.remove", summary: "Remove a subscription", rule: .member(.write),
        parameters: [number], answers: [204: .nothing("It is gone")]
    ) { call in
        try await call.feed().subscriptions.remove(
            try call.subscription(), of: try call.member().id, by: call.caller.origin)
        return .nothing
    }

    private static let renew = Operation(
        .post, path + "/secret", id: "subscriptions.renew", summary: "Give a subscription another secret",
        rule: .member(.write), parameters: [number],
        answers: [200: .json("The subscription with its new secret", issued)]
    ) { call in
        let made = try await call.feed().subscriptions.renewSecret(
            try call.subscription(), of: try call.member().id, by: call.caller.origin)
        return .json(Self.bytes(made))
    }

    private static let test = Operation(
        .post, path + "/test", id: "subscriptions.test", summary: "Send a webhook without entries now",
        rule: .member(.write), parameters: [number],
        answers: [200: .json("How that went", delivery)]
    ) { call in
        let sent = try await call.feed().worker.test(
            try call.subscription(), of: try call.member().id, by: call.caller.origin)
        var json = JSONWriter()
        sent.write(to: &json)
        return .json(json.bytes)
    }

    private static let deliveries = Operation(
        .get, path + "/deliveries", id: "subscriptions.deliveries", summary: "The latest webhooks of a subscription",
        rule: .member(.read), parameters: [number],
        answers: [
            200: .json(
                "Webhooks, the newest first",
                .object([.required("deliveries", .list(of: delivery, 0...Delivery.kept))]).named("Deliveries"))
        ]
    ) { call in
        let (id, member) = (try call.subscription(), try call.member().id)
        let all = try await call.services.store.read { try Subscriptions.deliveries(of: id, of: member, in: $0) }
        return .json { json in
            json.key("deliveries")
            json.array { json in all.forEach { $0.write(to: &json) } }
        }
    }

    private static let redeliver = Operation(
        .post, path + "/deliveries/{delivery}/redeliver", id: "subscriptions.redeliver",
        summary: "Send a webhook, and what came after it, again",
        details: "What of it you may no longer see is told as removed, or not at all.", rule: .member(.write),
        parameters: [number, .path("delivery", "the webhook's id")],
        answers: [200: .json("The subscription", subscription)]
    ) { call in
        let service = try call.feed()
        let result = try await service.subscriptions.redeliver(
            try call.number("delivery"), of: try call.subscription(), of: try call.member().id, by: call.caller.origin)
        service.worker.signal()
        return Self.answer(result)
    }

    private static func answer(_ subscription: Subscription) -> WebResponse {
        var json = JSONWriter()
        subscription.write(to: &json)
        return .json(json.bytes)
    }

    private static func bytes(_ issued: Subscriptions.Issued) -> [UInt8] {
        var json = JSONWriter()
        issued.subscription.write(to: &json, secret: issued.secret)
        return json.bytes
    }
}

extension Call {
    /// The subscription's number in the path.
    fileprivate func subscription() throws(Problem) -> Int64 { try number("subscription") }
}
