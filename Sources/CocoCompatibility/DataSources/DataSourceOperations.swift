internal import AuditTrail
internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer

/// `/datasource/`: connected Jira projects.
enum DataSourceOperations {
    static let all: [Operation] = [
        .coco(.post, "/datasource", "datasource.create", "Connect a Jira project", .admin(.admin)) { call in
            let draft = try DataSourceDraft(call.object())
            return try await DataSourceKeeper(call).create(draft, id: draft.id)
        },
        .coco(.put, "/datasource/{id}", "datasource.update", "Change a data source", .admin(.admin)) { call in
            let (id, keeper) = (call.path("id"), DataSourceKeeper(call))
            let draft = try DataSourceDraft(call.object())
            guard let known = try await keeper.find(id) else {
                guard call.says("replace") else { return Reply.nothingToChange(id) }
                return try await keeper.create(draft, id: id)
            }
            return try await keeper.change(known, draft, replaces: call.says("replace"))
        },
        .coco(.get, "/datasource/{id}", "datasource.read", "One data source", .member(.read)) { call in
            let id = call.path("id")
            guard let known = try await DataSourceKeeper(call).find(id) else { return Reply.missing(id) }
            return Reply.found(id, known.json(showsConfiguration: call.caller.may(.admin(.admin))))
        },
        .coco(.delete, "/datasource/{id}", "datasource.delete", "Disconnect and forget", .admin(.admin)) { call in
            try await DataSourceKeeper(call).remove(call.path("id"))
        },
        .coco(.get, "/datasource/_search", "datasource.search", "The data sources", .member(.read), handle: search),
        .coco(.post, "/datasource/_search", "datasource.find", "The data sources", .member(.read), handle: search),
        .coco(.options, "/datasource/_search", "datasource.options", "What may be asked here", .anyone) { _ in
            Reply.empty()
        },
    ]

    static let syncing: [Operation] = [
        .coco(.post, "/datasource/{id}/_reset_sync", "datasource.sync", "Synchronise now", .admin(.write)) { call in
            try await DataSourceKeeper(call).synchronise(call.path("id"), wholly: false)
        },
        .coco(
            .get, "/datasource/{id}/reset_last_modified_time", "datasource.resync", "Read everything again",
            .admin(.write)
        ) { call in
            try call.requireOwnPages()
            return try await DataSourceKeeper(call).synchronise(call.path("id"), wholly: true)
        },
        .coco(.post, "/datasource/{id}/_doc", "datasource.put", "Refused: documents come from Jira", .admin(.write)) {
            _ in throw Problem.readOnly
        },
        .coco(
            .post, "/datasource/{id}/_doc/{document}", "datasource.put_as", "Refused: documents come from Jira",
            .admin(.write)
        ) { _ in throw Problem.readOnly },
    ]

    private static func search(_ call: Call) async throws -> WebResponse {
        let listing = try RecordListing(call)
        let all = try await call.services.store.read { try DataSources.all(in: $0) }
        return listing.reply(
            all.map { ($0.id, $0.json(showsConfiguration: false)) }, index: "coco_datasource")
    }
}
