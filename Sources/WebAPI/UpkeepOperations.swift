internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import Journal
internal import Reconciliation
internal import Scheduling
internal import SignIn
internal import SourceAdministration
internal import Store
internal import SyncEngine
internal import WebFrame
internal import WebServer
internal import Webhooks

/// What is done to a source that is connected: jobs, deletions, webhooks.
enum UpkeepOperations {
    static let all = [
        start, job, reindex, deletions, setGrace, held, confirm, reject, restore, webhooks, register, removeWebhooks,
    ]

    private static let start = Operation(
        .post, "/api/v1/sources/{source}/jobs", id: "sources.start_job", summary: "Have a source read now",
        details: """
            sync reads what is new, or with full everything, with project one project, with issues these by key or id. access reads who may see \
            what, census lists everything to find what was deleted, audit compares what is shown with Jira itself.
            """,
        rule: .member(.write), parameters: [Schemas.sourcePath],
        body: .json(
            .input([
                .required("job", .choice(["sync", "access", "census", "audit"])), .optional("full", .boolean),
                .optional("project", Schemas.key), .optional("issues", .list(of: .text(1...255), 1...100)),
            ])), answers: [202: .json("It waits for its turn; ask for it by its id", Schemas.accepted)],
        problems: [404, 409]
    ) { call in
        let administration = call.services.administration
        let source = try await administration.present(call.path("source"))
        guard call.given("job") == "sync" || call.caller.may(.admin(.write)) else {
            throw Problem(403, "not_allowed", "You may not do this", detail: "Members may ask for 'sync'.")
        }
        let job = try await wanted(call, source)
        let id = try await administration.ask(job, of: source.name, by: call.caller.origin)
        call.services.wake()
        return .json(status: 202) { json in
            json.member("id", String(id))
            json.member("state", "waiting")
        }
    }

    private static func wanted(_ call: Call, _ source: Source) async throws -> SourceWork.Job {
        switch call.given("job") {
        case "access": return .access
        case "census": return .census
        case "audit": return .audit
        default: break
        }
        let isFull = call.body["full"]?.bool == true
        guard !isFull || call.caller.may(.admin(.write)) else {
            throw Problem(403, "not_allowed", "You may not do this", detail: "Reading everything again is for admins.")
        }
        if let project = call.given("project") { return .synchronise(.project(project.uppercased())) }
        if let issues = call.givenList("issues") {
            let extents = try await call.services.administration.extents(of: issues, in: source)
            guard extents.count == 1, let extent = extents.first else {
                throw Problem.badRequest(
                    "several_jobs",
                    "Issues that are not known yet are read with their projects: ask for each by itself.")
            }
            return .synchronise(extent)
        }
        return .synchronise(isFull ? .full : .all)
    }

    private static let job = Operation(
        .get, "/api/v1/sources/{source}/jobs/{job}", id: "sources.job", summary: "How far a job is, or what came of it",
        rule: .admin(.read),
        parameters: [Schemas.sourcePath, .path("job", "its id", .integer(1...Int(Int32.max)))],
        answers: [
            200: .json(
                "The job",
                .object([
                    .required("id", .text()), .required("source", .text()), .required("state", .text()),
                    .required("started", .time.orNull), .required("ended", .time.orNull),
                    .required("progress", .map(of: .anything).orNull),
                    .required("summary", .map(of: .anything).orNull),
                    .required(
                        "failure",
                        .object([
                            .required("code", .text()), .required("what", .text()), .required("why", .text()),
                            .required("fix", .text()),
                        ]).orNull),
                ]))
        ]
    ) { call in
        let id = Int64(call.integer("job") ?? 0)
        guard let report = try await call.services.administration.job(id, of: call.path("source")) else {
            throw Problem.notFound("There is no such job, or it ended more than a day ago.")
        }
        return .json(report.json)
    }

    private static let reindex = Operation(
        .post, "/api/v1/sources/{source}/reindex", id: "sources.reindex",
        summary: "Derive everything again from the kept copies, without asking Jira", rule: .admin(.write),
        parameters: [Schemas.sourcePath],
        answers: [200: .json("What was done", Schemas.list("sources", of: .map(of: .anything)))], problems: [409]
    ) { call in
        let summaries = try await call.services.administration.reindex(call.path("source"), by: call.caller.origin)
        return .json { json in
            json.key("sources")
            json.array { json in summaries.forEach { $0.write(to: &json) } }
        }
    }

    // MARK: Deletions

    private static let deletionsAnswer = Answer.json(
        "Counts, and the issues removed last",
        .object([
            .required("source", .text()), .required("graceDays", .integer()), .required("outOfSight", .integer()),
            .required("archived", .integer()), .required("waiting", .integer()), .required("removedKept", .integer()),
            .required("latest", .list(of: .map(of: .anything))),
        ]))

    private static let deletions = Operation(
        .get, "/api/v1/sources/{source}/deletions", id: "sources.deletions",
        summary: "What left Jira: deleted, out of sight, archived", rule: .admin(.read),
        parameters: [Schemas.sourcePath], answers: [200: deletionsAnswer]
    ) { call in .json(try await call.services.administration.deletions(of: call.path("source")).json) }

    private static let setGrace = Operation(
        .patch, "/api/v1/sources/{source}/deletions", id: "sources.set_grace",
        summary: "How long copies of removed issues are kept", rule: .admin(.admin), parameters: [Schemas.sourcePath],
        body: .json(.input([.required("graceDays", .integer(DeletionPolicy.graceRange))])),
        answers: [200: deletionsAnswer]
    ) { call in
        let administration = call.services.administration
        try await administration.setGrace(
            days: call.body["graceDays"]?.integer ?? 30, of: call.path("source"), by: call.caller.origin)
        return .json(try await administration.deletions(of: call.path("source")).json)
    }

    private static let heldAnswer = Answer.json(
        "Counts by project",
        .object([
            .required("source", .text()), .required("waiting", .integer()), .required("removed", .integer()),
            .required("rejected", .boolean), .required("projects", .list(of: .map(of: .anything))),
        ]))

    private static let held = Operation(
        .get, "/api/v1/sources/{source}/deletions/held", id: "sources.held_deletions",
        summary: "Deletions that are too many to be done without asking", rule: .admin(.read),
        parameters: [Schemas.sourcePath], answers: [200: heldAnswer]
    ) { call in
        let report = try await call.services.administration.heldDeletions(of: call.path("source"))
        return .json(report.json(withExamples: false))
    }

    private static let confirm = Operation(
        .post, "/api/v1/sources/{source}/deletions/held/confirm", id: "sources.confirm_deletions",
        summary: "They are deleted in Jira: remove them here", rule: .admin(.admin), parameters: [Schemas.sourcePath],
        answers: [200: heldAnswer]
    ) { call in
        let report = try await call.services.administration.confirmDeletions(
            of: call.path("source"), by: call.caller.origin)
        return .json(report.json(withExamples: false))
    }

    private static let reject = Operation(
        .post, "/api/v1/sources/{source}/deletions/held/reject", id: "sources.reject_deletions",
        summary: "They are not: keep them, hidden until Jira shows them again", rule: .admin(.admin),
        parameters: [Schemas.sourcePath], answers: [200: heldAnswer]
    ) { call in
        let report = try await call.services.administration.rejectDeletions(
            of: call.path("source"), by: call.caller.origin)
        return .json(report.json(withExamples: false))
    }

    private static let restore = Operation(
        .post, "/api/v1/sources/{source}/deletions/restore", id: "sources.restore_issue",
        summary: "Put a removed issue back from its copy", details: "Nobody sees it until Jira shows it again.",
        rule: .admin(.admin), parameters: [Schemas.sourcePath],
        body: .json(.input([.required("key", .text(1...255))])), answers: [200: deletionsAnswer], problems: [409]
    ) { call in
        guard let key = IssueKey(call.given("key") ?? "") else {
            throw Problem.badRequest("invalid_key", "'key' is an issue key such as PAY-42.")
        }
        let administration = call.services.administration
        try await administration.restore(key, of: call.path("source"), by: call.caller.origin)
        return .json(try await administration.deletions(of: call.path("source")).json)
    }

    // MARK: Webhooks

    private static let webhooks = Operation(
        .get, "/api/v1/sources/{source}/webhook", id: "sources.webhook",
        summary: "A source's webhooks: what came by them, and what is wrong with them", rule: .admin(.read),
        parameters: [Schemas.sourcePath],
        answers: [
            200: .json(
                "Without their secrets",
                .object([
                    .required("source", .text()), .required("webhooks", .list(of: .map(of: .anything))),
                    .required("findings", .list(of: .map(of: .anything))),
                ]))
        ]
    ) { call in .json(try await call.services.administration.webhooks(of: call.path("source")).json) }

    private static let register = Operation(
        .post, "/api/v1/sources/{source}/webhook", id: "sources.register_webhook",
        summary: "Have Jira tell of changes at once, or say what a Jira administrator is to enter",
        details: "Jira sends what changes to the address: only an owner may name another one than the server's own.",
        rule: .admin(.admin), parameters: [Schemas.sourcePath],
        body: .json(
            .input([.optional("publicUrl", .text(1...2_000).saying("the server's own public address without it"))]),
            isRequired: false),
        answers: [200: .json("What was done", .object([.required("source", .text())]))], problems: [409, 422, 424]
    ) { call in
        // Whoever gets Jira's webhooks reads issues that Jira may not show to them.
        if let given = call.given("publicUrl"), given != call.services.publicURL, !call.caller.may(.owner(.admin)) {
            throw Problem(
                403, "owner_needed", "You may not do this",
                detail: "Only an owner may have Jira send changes to another address than the server's own.")
        }
        guard let address = call.given("publicUrl") ?? call.services.publicURL else {
            throw Problem(
                422, "public_url_missing", "The request cannot be done as it is",
                detail:
                    "The server does not know where Jira reaches it: give publicUrl, or set the setting server.public-url."
            )
        }
        let administration = call.services.administration
        let outcome = try await administration.registerWebhook(
            of: call.path("source"), publicURL: address, by: call.caller.origin)
        return .json(WebhookReport.json(outcome, of: try await administration.present(call.path("source"))))
    }

    private static let removeWebhooks = Operation(
        .delete, "/api/v1/sources/{source}/webhook", id: "sources.remove_webhook",
        summary: "Remove a source's webhooks, here and in Jira", rule: .admin(.admin),
        parameters: [Schemas.sourcePath],
        answers: [
            200: .json(
                "Done",
                .object([.required("source", .text()), .required("remains", .list(of: .text()))]))
        ], problems: [424]
    ) { call in
        let name = call.path("source")
        let remains = try await call.services.administration.removeWebhooks(of: name, by: call.caller.origin)
        return .json { json in
            json.member("source", name)
            json.key("remains")
            json.array { json in remains.forEach { json.string($0) } }
        }
    }
}
