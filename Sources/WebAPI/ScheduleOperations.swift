internal import AccessControl
internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import Journal
internal import SignIn
internal import SourceAdministration
internal import Store
internal import WebFrame
internal import WebServer

/// How a source is kept in step: schedule, access, scope.
enum ScheduleOperations {
    static let all = [schedule, setSchedule, access, setAccess, scope, setScope]

    private static let scheduleAnswer = Answer.json(
        "The schedule", .object([.required("source", .text()), .required("schedule", .map(of: .anything))]))

    private static let schedule = Operation(
        .get, "/api/v1/sources/{source}/schedule", id: "sources.schedule",
        summary: "How often a source is kept in step, and when it is left alone", rule: .admin(.read),
        parameters: [Schemas.sourcePath], answers: [200: scheduleAnswer]
    ) { call in
        let name = call.path("source")
        return json(try await call.services.administration.schedule(of: name), name)
    }

    private static let setSchedule = Operation(
        .patch, "/api/v1/sources/{source}/schedule", id: "sources.set_schedule", summary: "Change a source's schedule",
        details: "What is not given stays. Who may see what is read on, also in quiet hours and of manual sources.",
        rule: .admin(.write), parameters: [Schemas.sourcePath],
        body: .json(
            .input([
                .optional("changesSeconds", .integer(SyncSchedule.changesRange)),
                .optional("catalogueSeconds", .integer(SyncSchedule.catalogueRange)),
                .optional("censusSeconds", .integer(SyncSchedule.censusRange)),
                .optional("quietHours", .text(0...40).orNull.saying("as 22:00-06:00; null for none")),
                .optional("zone", .text(1...80).saying("of the quiet hours, as Europe/Berlin; UTC without it")),
                .optional("budgetPercent", .integer(SyncSchedule.budgetRange)), .optional("manual", .boolean),
            ])), answers: [200: scheduleAnswer]
    ) { call in
        var change = ScheduleChange()
        change.changes = call.body["changesSeconds"]?.integer
        change.catalogue = call.body["catalogueSeconds"]?.integer
        change.census = call.body["censusSeconds"]?.integer
        change.budget = call.body["budgetPercent"]?.integer
        change.isManual = call.body["manual"]?.bool
        if let quiet = call.given("quietHours") {
            change.quiet = try ScheduleChange.quietHours(quiet, zone: call.given("zone"))
        } else {
            change.endsQuiet = call.body["quietHours"]?.isNull ?? false
        }
        let name = call.path("source")
        let changed = try await call.services.administration.setSchedule(of: name, change, by: call.caller.origin)
        call.services.wake()
        return json(changed, name)
    }

    private static func json(_ schedule: SyncSchedule, _ source: String) -> WebResponse {
        .json { json in
            json.member("source", source)
            json.key("schedule")
            json.raw(schedule.json)
        }
    }

    private static let accessAnswer = Answer.json(
        "The settings",
        .object([
            .required("source", .text()), .required("mode", .choice(of: AccessMode.self)),
            .required("refreshSeconds", .integer()), .required("leaseSeconds", .integer()),
            .required("auditPercent", .integer()),
        ]))

    private static let access = Operation(
        .get, "/api/v1/sources/{source}/access", id: "sources.access",
        summary: "How a source decides who sees what, and how fresh its rules must be", rule: .admin(.read),
        parameters: [Schemas.sourcePath], answers: [200: accessAnswer]
    ) { call in json(try await call.services.administration.present(call.path("source"))) }

    private static let setAccess = Operation(
        .patch, "/api/v1/sources/{source}/access", id: "sources.set_access",
        summary: "Choose how a source decides who sees what",
        details: "In mirror and linked nobody sees more than before until the rules or a listing were read for it.",
        rule: .admin(.admin), parameters: [Schemas.sourcePath],
        body: .json(
            .input([
                .optional("mode", .choice(of: AccessMode.self)),
                .optional("refreshSeconds", .integer(AccessOptions.refreshRange)),
                .optional("leaseSeconds", .integer(AccessOptions.leaseRange)),
                .optional("auditPercent", .integer(0...100)),
            ])), answers: [200: accessAnswer]
    ) { call in
        let mode = call.given("mode").flatMap(AccessMode.init(rawValue:))
        try SourceOperations.requireOwner(for: mode, call)
        let changed = try await call.services.administration.setAccess(
            of: call.path("source"), mode: mode, refresh: call.body["refreshSeconds"]?.integer,
            lease: call.body["leaseSeconds"]?.integer, auditPercent: call.body["auditPercent"]?.integer,
            by: call.caller.origin)
        call.services.wake()
        return json(changed)
    }

    private static func json(_ source: Source) -> WebResponse {
        .json { json in
            json.member("source", source.name)
            json.member("mode", source.accessMode.rawValue)
            json.member("refreshSeconds", source.accessOptions.refresh)
            json.member("leaseSeconds", source.accessOptions.lease)
            json.member("auditPercent", Int((source.accessOptions.auditShare * 100).rounded()))
        }
    }

    private static let scopeAnswer = Answer.json(
        "The scope, and what another one would read and destroy",
        .object([
            .required("source", .text()),
            .required(
                "scope",
                .object([
                    .required("projects", .list(of: .text())), .required("jql", .text(0...65_536).orNull),
                    .required("since", .text().orNull), .required("types", .list(of: .text())),
                ])),
            .required("changed", .boolean), .required("read", .integer()), .required("destroy", .integer()),
            .required(
                "projects",
                .list(
                    of: .object([
                        .required("key", .text()), .required("read", .integer()), .required("destroy", .integer()),
                        .required("kept", .integer()),
                    ]))),
        ]))

    private static let scope = Operation(
        .get, "/api/v1/sources/{source}/scope", id: "sources.scope", summary: "Which issues of a site are copied",
        rule: .admin(.read), parameters: [Schemas.sourcePath], answers: [200: scopeAnswer]
    ) { call in
        let source = try await call.services.administration.present(call.path("source"))
        return .json(ScopeReport(source: source, scope: source.scope).json)
    }

    private static let setScope = Operation(
        .patch, "/api/v1/sources/{source}/scope", id: "sources.set_scope",
        summary: "Change which issues of a site are copied, or count what that would do",
        details: """
            What is not given stays; an empty list or null is no restriction. What is no longer in scope is destroyed. Without destroys, a change \
            that would destroy something is refused; with dryRun nothing is changed.
            """,
        rule: .admin(.admin), parameters: [Schemas.sourcePath],
        body: .json(
            .input([
                .optional("projects", .list(of: Schemas.key, 0...1_000)), .optional("jql", .text(0...10_000).orNull),
                .optional("since", .text(0...10).orNull.saying("a day, as 2024-01-31")),
                .optional("types", .list(of: .text(1...255), 0...200)), .optional("dryRun", .boolean),
                .optional("destroys", .boolean),
            ])), answers: [200: scopeAnswer], problems: [409, 422, 424]
    ) { call in
        let administration = call.services.administration
        let plan = try await administration.planScope(
            of: call.path("source"),
            try scope(call.body, from: try await administration.present(call.path("source")).scope))
        guard call.body["dryRun"]?.bool != true else { return .json(plan.json) }
        let done = try await administration.changeScope(
            plan, destroys: call.body["destroys"]?.bool ?? false, by: call.caller.origin)
        call.services.wake()
        return .json(done.json)
    }

    private static func scope(_ body: JSONValue, from scope: Source.Scope) throws(Problem) -> Source.Scope {
        var scope = scope
        if let projects = body["projects"]?.array { scope.projects = projects.compactMap(\.string) }
        if let types = body["types"]?.array { scope.types = types.compactMap(\.string) }
        if let jql = body["jql"] { scope.jql = jql.string.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 } }
        if let since = body["since"] {
            scope.since = since.string.flatMap { CalendarDate($0) }
            guard since.isNull || scope.since != nil else {
                throw .badRequest("invalid_date", "'since' is a day such as 2024-01-31, or null.")
            }
        }
        return scope
    }
}
