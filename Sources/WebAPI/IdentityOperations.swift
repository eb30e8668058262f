internal import AuditTrail
internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import Reading
internal import SignIn
internal import SourceAdministration
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// Which Jira account a member is.
enum IdentityOperations {
    static let all = [people, set, refuse, forget]

    private static let people = Operation(
        .get, "/api/v1/sources/{source}/people", id: "identity.people",
        summary: "Who is who in a source: members matched, ambiguous and unmatched, accounts without a member",
        rule: .admin(.read), parameters: [Schemas.sourcePath],
        answers: [
            200: .json(
                "The table",
                .object([
                    .required("source", .text()), .required("accessMode", .text()),
                    .required("members", .list(of: .map(of: .anything))),
                    .required("accounts", .list(of: .map(of: .anything))), .required("counts", .map(of: .integer())),
                ]))
        ]
    ) { call in
        let source = try await call.services.administration.present(call.path("source"))
        return .json(try await call.services.store.read { try PeopleTable(of: source, in: $0).json })
    }

    private static let member = Parameter.path("member", "the member's e-mail address", .text(1...254))

    private static let link = Answer.json(
        "The link",
        .object([
            .required("source", .text()), .required("member", .text()), .required("state", .text()),
            .required("account", .text().orNull), .required("proof", .text().orNull),
        ]))

    private static let set = Operation(
        .put, "/api/v1/sources/{source}/links/{member}", id: "identity.link",
        summary: "Say by hand which account a member is",
        details: "For owners: whoever is linked to an account sees what Jira shows it.", rule: .owner(.admin),
        parameters: [Schemas.sourcePath, member], body: .json(.input([.required("account", .text(1...255))])),
        answers: [200: link], problems: [409]
    ) { call in
        let account = AccountID(call.given("account") ?? "")
        return try await change(call, "identity.linked", account.rawValue) { member, source, context in
            try IdentityLinks.set(account, for: member, source: source, at: context.now, in: context)
        }
    }

    private static let refuse = Operation(
        .delete, "/api/v1/sources/{source}/links/{member}", id: "identity.unlink",
        summary: "End a member's link, and keep the address from linking", rule: .admin(.admin),
        parameters: [Schemas.sourcePath, member], answers: [200: link]
    ) { call in
        try await change(call, "identity.unlinked") { member, source, context in
            try IdentityLinks.refuse(member, source: source.id, at: context.now, in: context)
        }
    }

    private static let forget = Operation(
        .post, "/api/v1/sources/{source}/links/{member}/allow", id: "identity.allow",
        summary: "Let a member's address link again", rule: .admin(.admin), parameters: [Schemas.sourcePath, member],
        answers: [200: link]
    ) { call in
        try await change(call, "identity.allowed") { member, source, context in
            try IdentityLinks.forgetRefusal(for: member, source: source.id, in: context)
        }
    }

    private static func change(
        _ call: Call, _ action: String, _ account: String? = nil,
        _ body: @escaping @Sendable (Member, Source, WriteContext) throws -> Void
    ) async throws -> WebResponse {
        let source = try await call.services.administration.present(call.path("source"))
        let (email, origin) = (call.path("member"), call.caller.origin)
        let (member, state) = try await call.services.store.write { context in
            let member = try MemberRecords.member(named: email, in: context.connection)
            try body(member, source, context)
            var details = [JSONValue.Member("source", .string(source.name))]
            if let account { details.append(.init("account", .string(account))) }
            try AuditTrail.append(
                origin.event(action, subject: member.email, details: .object(details)), in: context)
            return (member, try IdentityLinks.link(of: member, source: source.id, in: context.connection))
        }
        return .json { json in
            json.member("source", source.name)
            json.member("member", member.email)
            json.member("state", state.name)
            json.member("account", state.account?.rawValue)
            json.member("proof", { if case .linked(_, let proof, _) = state { proof.rawValue } else { nil } }())
        }
    }
}
