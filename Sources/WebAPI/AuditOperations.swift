internal import AuditTrail
internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer

/// What was done to this installation, and by whom.
enum AuditOperations {
    static let all = [list, verify]

    private static let event = Schema.object([
        .required("number", .integer().saying("counted from 1 without a gap")), .required("at", .time),
        .required("actor", .text().saying("member:ID, operator, system or anonymous")),
        .required("actorName", .text().saying("the member's address at that time")), .required("via", .text()),
        .required("remote", .text()), .required("action", .text()), .required("subject", .text()),
        .required("details", .map(of: .anything)), .required("hash", .text(64...64)),
    ]).named("AuditEvent")

    private static let list = Operation(
        .get, "/api/v1/audit", id: "audit.list", summary: "The audit trail, newest first", rule: .admin(.read),
        parameters: [
            .query("limit", .integer(1...AuditTrail.pageLimit), "How many at most; 100 where it is not given"),
            .query("cursor", .text(1...1_024), "Where the page before ended"),
        ],
        answers: [
            200: .json(
                "Events",
                .object([
                    .required("total", .integer()), .required("head", .text().saying("NUMBER:HASH, to keep elsewhere")),
                    .required("events", .list(of: event)), .optional("cursor", .text()),
                ]).named("AuditTrail"))
        ]
    ) { call in
        let before = try ListCursor.decode(call.text("cursor"), of: "audit")?.integer
        let limit = call.integer("limit") ?? 100
        let (page, head) = try await call.services.store.read { connection in
            (
                try AuditTrail.list(before: before.map { Int64($0) }, limit: limit, in: connection),
                try AuditTrail.head(in: connection)
            )
        }
        return .json { json in
            json.member("total", Int(head.number))
            json.member("head", head.description)
            json.key("events")
            json.array { json in page.forEach { $0.write(to: &json) } }
            if let last = page.last, last.number > 1 {
                json.member("cursor", ListCursor.encode(.integer(last.number), of: "audit"))
            }
        }
    }

    private static let verify = Operation(
        .get, "/api/v1/audit/verification", id: "audit.verify", summary: "Compute the whole chain of the trail again",
        details: "With `head` as it was kept elsewhere, rows that were cut off or a trail written anew show too.",
        rule: .admin(.admin), parameters: [.query("head", .text(66...90), "NUMBER:HASH as it was once shown")],
        answers: [
            200: .json(
                "What was found",
                .object([
                    .required("holds", .boolean), .required("head", .text()),
                    .required("problem", .choice(["changed", "missing", "cutOff", "otherHead"]).orNull),
                    .required("number", .integer().orNull.saying("where the chain breaks")),
                ]).named("AuditVerification"))
        ]
    ) { call in
        var known: AuditHead?
        if let text = call.text("head") {
            guard let head = AuditHead(text) else {
                throw Problem.badRequest("invalid_parameter", "head is not of the form NUMBER:HASH.")
            }
            known = head
        }
        let found = try await call.services.store.read { [known] in try AuditTrail.verify(against: known, in: $0) }
        return .json { json in
            json.member("holds", found.problem == nil)
            json.member("head", found.head.description)
            json.member("problem", found.problem?.word)
            json.key("number")
            json.value(found.problem.map { .integer($0.number) } ?? .null)
        }
    }
}
