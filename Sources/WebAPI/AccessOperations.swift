internal import SourceAdministration
internal import FastJSON
internal import HTTPMessages
internal import Reading
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// Who sees what, and why: for admins, who learn ids and keys, never content.
enum AccessOperations {
    static let all = [mine, visible, explain, difference, levels]

    private static let who = "a member's e-mail address, a Jira account id, user key or name, or anonymous"

    private static let listing = Schema.object([
        .required("account", .text()), .required("source", .text()), .required("issues", .list(of: .text())),
        .required("comments", .list(of: .text())), .required("attachments", .list(of: .text())),
        .required("worklogs", .list(of: .text())), .required("accessVersion", .integer()),
        .required("verifiedAt", .time.orNull),
    ]).named("Visible")

    private static let mine = Operation(
        .get, "/api/v1/me/visible", id: "access.mine", summary: "The ids of everything that you may see",
        rule: .member(.read), parameters: [Schemas.onlySource],
        answers: [200: .json("By source", Schemas.list("sources", of: listing))], problems: [404]
    ) { call in
        let listings = try await AccessReading(store: call.services.store).visible(
            for: try call.reader(), source: call.text("source"))
        return list("sources", listings.map(\.json))
    }

    private static let visible = Operation(
        .get, "/api/v1/access/visible", id: "access.visible", summary: "The ids of everything that somebody may see",
        details: "Leaves a line in the audit log.", rule: .admin(.read),
        parameters: [.query("as", .text(1...320), who, isRequired: true), Schemas.onlySource],
        answers: [200: .json("By source", Schemas.list("sources", of: listing))], problems: [404, 409, 422]
    ) { call in
        let person = call.text("as") ?? ""
        let listings = try await AccessReading(store: call.services.store).visible(
            to: person, source: call.text("source"))
        try await call.note("access.viewed_as", subject: person)
        return list("sources", listings.map(\.json))
    }

    private static let explain = Operation(
        .get, "/api/v1/access/explain", id: "access.explain",
        summary: "Why somebody sees an issue, or does not, in Jira's words", details: "Leaves a line in the audit log.",
        rule: .admin(.read),
        parameters: [
            .query("issue", .text(1...255), "its key or id", isRequired: true),
            .query("as", .text(1...320), who, isRequired: true), Schemas.onlySource,
        ],
        answers: [
            200: .json(
                "The clauses",
                .object([
                    .required("key", .text()), .required("account", .text()), .required("visible", .boolean),
                    .required("clauses", .list(of: .map(of: .anything))),
                    .required("parts", .list(of: .map(of: .anything))), .required("verifiedAt", .time.orNull),
                ]))
        ], problems: [404, 409, 422]
    ) { call in
        let person = call.text("as") ?? ""
        let report = try await AccessReading(store: call.services.store).explain(
            call.text("issue") ?? "", as: person, source: call.text("source"))
        try await call.note("access.explained", subject: person, ["issue": report.key])
        return .json(report.json)
    }

    private static let difference = Operation(
        .get, "/api/v1/access/diff", id: "access.diff", summary: "What two people see differently",
        details: "Leaves a line in the audit log.", rule: .admin(.read),
        parameters: [
            .query("a", .text(1...320), who, isRequired: true), .query("b", .text(1...320), who, isRequired: true),
            Schemas.onlySource,
        ],
        answers: [
            200: .json(
                "By source",
                Schemas.list(
                    "sources",
                    of: .object([
                        .required("a", .text()), .required("b", .text()), .required("source", .text()),
                        .required("issues", .map(of: .anything)),
                    ])))
        ], problems: [404, 409, 422]
    ) { call in
        let (first, second) = (call.text("a") ?? "", call.text("b") ?? "")
        let differences = try await AccessReading(store: call.services.store).difference(
            between: first, and: second, source: call.text("source"))
        try await call.note("access.viewed_as", subject: first, ["and": second])
        return list("sources", differences.map(\.json))
    }

    private static let levels = Operation(
        .get, "/api/v1/sources/{source}/levels", id: "access.levels",
        summary: "A source's security levels: whom each admits, and how many issues it hides", rule: .admin(.read),
        parameters: [Schemas.sourcePath],
        answers: [200: .json("The levels", .map(of: .anything))]
    ) { call in
        let source = try await call.services.administration.source(named: call.path("source"))
        return .json(try await call.services.store.read { try AccessLevels(of: source, in: $0).json })
    }

    private static func list(_ name: String, _ documents: [[UInt8]]) -> WebResponse {
        .json { json in
            json.key(name)
            json.array { json in documents.forEach { json.raw($0) } }
        }
    }
}
