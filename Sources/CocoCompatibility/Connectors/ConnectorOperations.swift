internal import AuditTrail
internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer

/// `/connector/`: kinds of data sources.
enum ConnectorOperations {
    static let all: [Operation] = [
        .coco(.post, "/connector", "connector.create", "Register a connector", .admin(.admin)) { call in
            let body = try call.object()
            let id = try body.text("id")
            return try await save(body, id ?? RecordID.make(at: call.services.store.now), .mustBeNew, call)
        },
        // Coco's own page for Jira registers its connector so.
        .coco(.put, "/connector", "connector.register", "Register a connector, or change it", .admin(.admin)) { call in
            let body = try call.object()
            guard let id = try body.text("id") ?? body["processor"]?["name"]?.string else {
                throw Problem.invalid("Name the connector by id, or by its processor's name.")
            }
            return try await save(body, id, .mayBeNew, call)
        },
        .coco(.put, "/connector/{id}", "connector.update", "Change a connector", .admin(.admin)) { call in
            try await save(
                call.object(), call.path("id"), call.says("replace") ? .replaces : .mustExist, call)
        },
        .coco(.get, "/connector/{id}", "connector.read", "One connector", .member(.read)) { call in
            let id = call.path("id")
            let connector = try await call.services.store.read { try ConnectorRecords.find(id, in: $0) }
            return connector.map { Reply.found(id, $0.json) } ?? Reply.missing(id)
        },
        .coco(.delete, "/connector/{id}", "connector.delete", "Remove a connector", .admin(.admin), handle: remove),
        .coco(.get, "/connector/_search", "connector.search", "The connectors", .member(.read), handle: search),
        .coco(.post, "/connector/_search", "connector.find", "The connectors", .member(.read), handle: search),
        .coco(.options, "/connector/_search", "connector.options", "What may be asked here", .anyone) { _ in
            Reply.empty()
        },
    ]

    private enum Saving { case mustBeNew, mayBeNew, mustExist, replaces }

    private static func save(
        _ body: JSONValue, _ id: String, _ saving: Saving, _ call: Call
    ) async throws -> WebResponse {
        guard RecordID.isFit(id) else {
            throw Problem.invalid("An id has 1 to 128 letters, digits, dashes and underscores.")
        }
        let record = try Connector.record(of: body)
        let origin = call.caller.origin
        return try await call.services.store.write { context in
            let known = try ConnectorRecords.find(id, in: context.connection)
            if known == nil, saving == .mustExist { return Reply.nothingToChange(id) }
            if known != nil, saving == .mustBeNew {
                throw Problem.conflict("exists", "There is a connector \(id) already.")
            }
            let kept = saving == .replaces ? .object([]) : known?.record ?? .object([])
            let connector = Connector(
                id: id, record: kept.merged(with: record), created: known?.created ?? context.now, updated: context.now)
            guard connector.record["name"]?.string?.isEmpty == false else {
                throw Problem.invalid("A connector needs a name.")
            }
            try ConnectorRecords.save(connector, in: context)
            let isNew = known == nil
            try AuditTrail.append(
                origin.event(isNew ? "connector.added" : "connector.changed", subject: id), in: context)
            return Reply.done(isNew ? .created : .updated, id)
        }
    }

    private static func remove(_ call: Call) async throws -> WebResponse {
        let (id, origin) = (call.path("id"), call.caller.origin)
        return try await call.services.store.write { context in
            guard let known = try ConnectorRecords.find(id, in: context.connection) else {
                return Reply.nothingToChange(id)
            }
            guard !known.isBuiltin else {
                throw Problem(403, "builtin", "builtin connector cannot be deleted")
            }
            let isUsed = try DataSources.all(in: context.connection).contains { $0.connectorID == id }
            guard !isUsed else { throw Problem.conflict("in_use", "Data sources use this connector.") }
            try ConnectorRecords.remove(id, in: context)
            try AuditTrail.append(origin.event("connector.removed", subject: id), in: context)
            return Reply.done(.deleted, id)
        }
    }

    private static func search(_ call: Call) async throws -> WebResponse {
        let listing = try RecordListing(call)
        let all = try await call.services.store.read { try ConnectorRecords.all(in: $0) }
        return listing.reply(all.map { ($0.id, $0.json) }, index: "coco_connector")
    }
}
