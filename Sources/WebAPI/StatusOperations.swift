internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import Journal
internal import SignIn
internal import SourceAdministration
internal import Store
internal import WebFrame
internal import WebServer

/// How the sources are, and what was done.
enum StatusOperations {
    static let all = [status, runs, quarantine]

    private static let status = Operation(
        .get, "/api/v1/status", id: "status.all",
        summary: "How each source is: fresh, behind, stopped, and what it holds", rule: .admin(.read),
        answers: [
            200: .json(
                "Every source",
                Schemas.list(
                    "sources",
                    of: .object([
                        .required("source", Schemas.source), .required("state", .text()),
                        .required("lagSeconds", .integer()), .required("asOf", .time.orNull),
                        .required("issues", .integer()), .required("quarantined", .integer()),
                        .required("alarms", .list(of: .text(0...65_536))), .required("access", .map(of: .anything)),
                    ])))
        ]
    ) { call in
        let reports = try await StatusReport.all(in: call.services.store)
        return .json { json in
            json.key("sources")
            json.array { json in reports.forEach { $0.write(to: &json) } }
        }
    }

    private static let runs = Operation(
        .get, "/api/v1/sources/{source}/runs", id: "sources.runs", summary: "What was read lately, newest first",
        rule: .admin(.read),
        parameters: [Schemas.sourcePath, .query("limit", .integer(1...SyncRuns.keptRuns), "how many; 20 without it")],
        answers: [
            200: .json(
                "Runs",
                Schemas.list(
                    "runs",
                    of: .object([
                        .required("id", .text()), .required("kind", .text()), .required("outcome", .text()),
                        .required("started", .time), .required("ended", .time.orNull),
                        .required("problem", .text(0...65_536).orNull), .required("summary", .anything),
                    ])))
        ]
    ) { call in
        let source = try await call.services.administration.source(named: call.path("source")).id
        let limit = call.integer("limit") ?? 20
        let runs = try await call.services.store.read {
            try SyncRuns.latest(source: source, limit: limit, in: $0)
        }
        return .json { json in
            json.key("runs")
            json.array { json in
                for run in runs {
                    json.object { json in
                        json.member("id", String(run.id))
                        json.member("kind", run.kind)
                        json.member("outcome", run.outcome.rawValue)
                        json.member("started", run.started.rfc3339)
                        json.member("ended", run.ended?.rfc3339)
                        json.member("problem", run.problem)
                        json.key("summary")
                        json.raw(run.summary)
                    }
                }
            }
        }
    }

    private static let quarantine = Operation(
        .get, "/api/v1/sources/{source}/quarantine", id: "sources.quarantine",
        summary: "What could not be stored, and when it is tried again",
        details: "Ids and reasons, never content.", rule: .admin(.read),
        parameters: [Schemas.sourcePath, .query("limit", .integer(1...1_000), "how many; 100 without it")],
        answers: [
            200: .json(
                "What is set aside, oldest first",
                .object([
                    .required("total", .integer()),
                    .required(
                        "entries",
                        .list(
                            of: .object([
                                .required("kind", .text()), .required("ref", .text()), .required("reason", .text()),
                                .required("at", .time), .required("attempts", .integer()),
                                .required("retryAt", .time),
                            ]))),
                ]))
        ]
    ) { call in
        let source = try await call.services.administration.source(named: call.path("source")).id
        let limit = call.integer("limit") ?? 100
        let (total, entries) = try await call.services.store.read { connection in
            (
                try Quarantine.count(source: source, in: connection),
                try Quarantine.entries(source: source, limit: limit, in: connection)
            )
        }
        return .json { json in
            json.member("total", total)
            json.key("entries")
            json.array { json in
                for entry in entries {
                    json.object { json in
                        json.member("kind", entry.kind)
                        json.member("ref", entry.ref)
                        json.member("reason", entry.reason)
                        json.member("at", entry.at.rfc3339)
                        json.member("attempts", entry.attempts)
                        json.member("retryAt", entry.retryAt.rfc3339)
                    }
                }
            }
        }
    }
}
