internal import Journal
internal import Workspace
internal import AuditTrail
internal import Database
internal import FastJSON
internal import Scheduling
internal import SignIn
internal import SiteConnection
internal import SourceAdministration
internal import Store
internal import SyncEngine
internal import WebFrame
internal import WebServer

/// Does to a source what a request says of a data source.
struct DataSourceKeeper {
    private let services: CocoServices
    private let caller: Caller
    private var store: Store { services.store }
    private var administration: SourceAdministration { services.administration }

    init(_ call: Call) {
        services = call.services
        caller = call.caller
    }

    func find(_ id: String) async throws -> DataSource? {
        try await store.read { try DataSources.find(id, in: $0) }
    }

    /// Tries the site with the credential and connects the project; nothing is stored where that fails.
    func create(_ draft: DataSourceDraft, id given: String?) async throws -> WebResponse {
        let id = given ?? RecordID.make(at: store.now)
        guard RecordID.isFit(id) else {
            throw Problem.invalid("An id has 1 to 128 letters, digits, dashes and underscores.")
        }
        guard let name = draft.name else { throw Problem.invalid("A data source needs a name.") }
        try await requireConnector(draft.connector)
        guard let endpoint = draft.endpoint, !endpoint.isEmpty else { throw Problem.invalid("endpoint is required") }
        guard let projects = draft.projects else { throw Problem.invalid("project_key is required") }
        let credential = try draft.credential()
        let free = try await store.read { connection in
            guard try DataSources.find(id, in: connection) == nil else {
                throw Problem.conflict("exists", "There is a data source \(id) already.")
            }
            return try Self.free(name, in: connection)
        }
        let (source, _) = try await administration.add(
            SourceSetup.Request(name: free, address: endpoint, credential: credential, projects: projects),
            by: caller.origin)
        if let change = draft.schedule {
            try await administration.setSchedule(of: source.name, change, by: caller.origin)
        }
        if draft.isEnabled == false {
            try await administration.setState(.paused, of: source.name, by: caller.origin)
        }
        let (record, origin, owner) = (draft.record, caller.origin, caller.member?.id.description ?? "")
        try await store.write { context in
            let made = DataSource(
                id: id, source: source, schedule: .init(), record: record, owner: owner, created: context.now,
                updated: context.now)
            try DataSources.save(made, in: context)
            try AuditTrail.append(
                origin.event("datasource.added", subject: source.name, details: ["id": .string(id)]), in: context)
        }
        services.wake()
        return Reply.done(.created, id)
    }

    /// Names are unique among sources and free among Coco's data sources, so a second one of a name gets a number.
    private static func free(_ name: String, in connection: Connection) throws -> String {
        for number in 1...1_000 {
            let candidate = number == 1 ? name : "\(name) \(number)"
            if try SourceRecords.find(candidate, in: connection) == nil { return candidate }
        }
        throw Problem.conflict("name_taken", "There are too many data sources of this name.")
    }

    private func requireConnector(_ id: String?) async throws {
        let connector = try await store.read { connection in
            try id.flatMap { try ConnectorRecords.find($0, in: connection) }
        }
        guard let connector else { throw Problem.invalid("invalid connector") }
        guard connector.synchronisesJira, connector.isEnabled else {
            throw Problem.invalid("invalid connector: only enabled ones with the processor jira synchronise here")
        }
    }

    /// Changes what the draft mentions; where it replaces, what it does not mention is as if the source were new.
    func change(_ known: DataSource, _ draft: DataSourceDraft, replaces: Bool) async throws -> WebResponse {
        if let connector = draft.connector { try await requireConnector(connector) }
        let endpoint = draft.endpoint.flatMap { Self.plain($0) == Self.plain(known.source.url) ? nil : $0 }
        guard endpoint == nil || caller.role == .owner else {
            throw Problem(
                403, "owner_needed", "You may not do this",
                detail: "Only an owner may change the endpoint: the credential is sent there.")
        }
        let name = try await rename(known, draft.name)
        if let endpoint {
            _ = try await administration.move(name, to: endpoint, by: caller.origin)
        }
        if draft.token != nil {
            var draft = draft
            draft.username = draft.username ?? known.record["username"]?.string
            _ = try await administration.replaceCredential(of: name, with: draft.credential(), by: caller.origin)
        }
        if let projects = draft.projects, projects != known.source.scope.projects {
            var scope = known.source.scope
            scope.projects = projects
            let plan = try await administration.planScope(of: name, scope)
            _ = try await administration.changeScope(plan, destroys: replaces, by: caller.origin)
        }
        var draft = draft
        if replaces {
            draft.syncs = draft.syncs ?? true
            draft.isEnabled = draft.isEnabled ?? true
        }
        if let change = draft.schedule { try await administration.setSchedule(of: name, change, by: caller.origin) }
        if let isEnabled = draft.isEnabled {
            try await administration.setState(isEnabled ? .active : .paused, of: name, by: caller.origin)
        }
        let (record, origin) = (draft.record, caller.origin)
        try await store.write { context in
            var changed = known
            changed.record = replaces ? record : changed.record.merged(with: record)
            changed.updated = context.now
            try DataSources.save(changed, in: context)
            try AuditTrail.append(
                origin.event("datasource.changed", subject: name, details: ["id": .string(known.id)]), in: context)
        }
        services.wake()
        return Reply.done(.updated, known.id)
    }

    private func rename(_ known: DataSource, _ name: String?) async throws -> String {
        let old = known.source.name
        guard let name, name != old else { return old }
        let origin = caller.origin
        try await store.write { context in
            let other = try SourceRecords.find(name, in: context.connection)
            guard other == nil || other?.id == known.source.id else {
                throw Problem.conflict("name_taken", "There is a source of this name already.")
            }
            guard var source = try SourceRecords.source(known.source.id, in: context.connection) else {
                throw Problem.notFound()
            }
            source.name = name
            try SourceRecords.update(source, in: context)
            try AuditTrail.append(
                origin.event("source.renamed", subject: name, details: ["from": .string(old)]), in: context)
        }
        return name
    }

    private static func plain(_ address: String) -> String {
        let address = address.lowercased()
        return address.hasSuffix("/") ? String(address.dropLast()) : address
    }

    /// Destroys the credential and everything that was copied.
    func remove(_ id: String) async throws -> WebResponse {
        guard let known = try await find(id) else { return Reply.nothingToChange(id) }
        _ = try await administration.remove(known.source.name, purge: true, by: caller.origin)
        try await store.write { try DataSources.remove(id, in: $0) }
        services.names.forget(id)
        services.wake()
        return Reply.done(.deleted, id)
    }

    /// Asks for a synchronisation: of what changed, or of everything again.
    func synchronise(_ id: String, wholly: Bool) async throws -> WebResponse {
        guard let known = try await find(id) else { return Reply.acknowledged(false, status: 404) }
        guard known.source.state == .active else {
            throw Problem.conflict("paused", "The data source is disabled. Enable it, and it synchronises.")
        }
        _ = try await administration.ask(
            .synchronise(wholly ? .full : .all), of: known.source.name, by: caller.origin)
        services.wake()
        return Reply.acknowledged()
    }
}
