internal import AccessControl
internal import ChangeFeed
internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// What changed: asked for page by page, or told as it happens.
enum FeedOperations {
    static let all = [changes, events]

    private static let changes = Operation(
        .get, "/api/v1/changes", id: "changes.list", summary: "What changed of what you may see, after a cursor",
        details: """
            For keeping a copy in step. Begin without a cursor, take up the entries, keep the page's cursor, and ask again with it: \
            at once where more is true, else after a while. Entries are told at least once, and in order for each issue. An entry \
            of kind access comes first where what you may see has changed, or the cursor is too old: forget what you have; what \
            follows lists all of it again, and listing is true until it is complete.
            """,
        rule: .member(.read),
        parameters: [
            .query("after", .text(1...512), "the cursor of an earlier page"),
            .query(
                "start", .choice(of: ChangeFeed.Start.self),
                "where to begin without a cursor: beginning lists everything first, now does not"),
            .query("limit", .integer(1...ChangeFeed.pageLimit), "entries at most; 200 without it"),
        ],
        answers: [
            200: .json(
                "Entries, and the cursor behind them",
                .object([
                    .required("changes", .list(of: entry, 0...ChangeFeed.pageLimit)),
                    .required("cursor", .text(1...512)),
                    .required("more", .boolean), .required("listing", .boolean),
                ]).named("ChangePage"))
        ]
    ) { call in
        let (store, caller) = (call.services.store, call.caller)
        let service = try call.feed()
        let reader = try await store.read { try caller.reader(in: $0) }
        let page = try await service.feed.changes(
            after: call.text("after"), start: call.text("start").flatMap(ChangeFeed.Start.init) ?? .beginning,
            for: reader, limit: call.integer("limit") ?? 200)
        var json = JSONWriter()
        page.write(to: &json)
        return .json(json.bytes)
    }

    static let entry = Schema.object([
        .required("kind", .choice(["access", "changed", "removed"])),
        .optional("reason", .choice(of: FeedChange.Reason.self).saying("of access: why to begin anew")),
        .optional("list", .text(1...512).saying("of access: a cursor from which everything is listed")),
        .optional("source", .text()), .optional("id", .text().saying("Jira's number of the issue")),
        .optional("key", .text()), .optional("url", .text(format: "uri")),
        .optional("updated", .time.saying("when Jira says it changed")),
        .optional("at", .time.saying("when Drawbridge read it, or noticed that it is gone")),
    ]).named("FeedEntry")

    private static let events = Operation(
        .get, "/api/v1/events", id: "changes.events", summary: "What changes, as it happens",
        details: """
            Server-sent events: change and access with an entry each, as /api/v1/changes has them; source with a source's state; end \
            with a reason before the server closes the stream. A stream that breaks off goes on with the header Last-Event-ID, which \
            browsers send by themselves; without it, it begins now. After access, list names a cursor for /api/v1/changes from which \
            everything is listed again.
            """,
        rule: .member(.read),
        parameters: [
            .header("Last-Event-ID", .text(0...512), "the id of the last event that was taken up"),
            .query("after", .text(1...512), "the same, for those who cannot set a header"),
        ],
        answers: [200: .other("Events, until somebody ends the stream", "text/event-stream")]
    ) { call in
        let (store, caller) = (call.services.store, call.caller)
        let (service, member) = (try call.feed(), try call.member())
        let reader = try await store.read { try caller.reader(in: $0) }
        let last = call.text("Last-Event-ID").flatMap { $0.isEmpty ? nil : $0 }
        let (authenticator, request, isAdmin) = (call.services.authenticator, call.request, call.isAdmin)
        let listener = EventStream.Listener(
            member: member.id.rawValue, reader: reader, isAdmin: isAdmin, after: last ?? call.text("after")
        ) {
            let now = try await authenticator.caller(
                of: request.message, remote: request.remoteAddress, isUse: false)
            // Who is no admin any more is told no more counts; a token outlives the role.
            guard now.member?.id == member.id, now.may(.member(.read)), now.may(.admin(.read)) == isAdmin
            else { return nil }
            return try await store.read { try now.reader(in: $0) }
        }
        let stream = try service.events.open(listener)
        return WebResponse(
            status: 200,
            headers: [
                "Content-Type": "text/event-stream", "Cache-Control": "no-store",
                // Proxies that collect answers would hold events back.
                "X-Accel-Buffering": "no",
            ],
            content: .stream(BodyStream { writer in try await stream.run { try await writer.write($0) } }))
    }
}

extension Call {
    /// The feed of this server.
    func feed() throws(Problem) -> FeedService {
        guard let feed = services.feed else {
            throw Problem(503, "no_feed", "Not at present", detail: "This server keeps no feed of changes.")
        }
        return feed
    }
}
