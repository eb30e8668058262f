internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// API tokens.
enum TokenOperations {
    static let all = [list, create, revoke]

    private static let list = Operation(
        .get, "/api/v1/tokens", id: "tokens.list", summary: "Your API tokens", rule: .member(.read),
        answers: [200: .json("The newest first; never the tokens themselves", TokenView.listSchema)]
    ) { call in
        let id = try call.member().id
        let tokens = try await call.services.store.read { try ApiTokens.list(of: id, in: $0) }
        return TokenView.list(tokens, now: call.services.now)
    }

    private static let create = Operation(
        .post, "/api/v1/tokens", id: "tokens.create", summary: "Make an API token",
        details: """
            Send it as `Authorization: Bearer` or `X-API-TOKEN`. It sees what you see, and may do no more than your role. It is shown
            this once. A token makes other tokens only with the scope admin.
            """,
        rule: .member(.write),
        body: .json(
            .input([
                .required("name", .text(1...200).saying("what will use it")),
                .required(
                    "scopes",
                    .list(of: .choice(of: Scope.self), 1...3).saying("write includes read, admin includes both")),
                .optional(
                    "days",
                    .integer(1...ApiTokens.dayLimit).saying("\(ApiTokens.defaultDays) where it is not given")),
            ])),
        answers: [
            201: .json(
                "The token",
                .object(TokenView.properties + [.required("token", .text().saying("shown this once"))])
                    .named("CreatedToken"))
        ], problems: [409, 422]
    ) { call in
        let scopes = Set((call.body["scopes"]?.array ?? []).compactMap { $0.string.flatMap { Scope(rawValue: $0) } })
        let created = try await call.services.signIn.accounts.createToken(
            for: call.caller, name: call.body["name"]?.string ?? "", scopes: scopes,
            days: call.body["days"]?.integer ?? ApiTokens.defaultDays)
        var members = TokenView.members(created.record, now: call.services.now)
        members.append(.init("token", .string(created.token)))
        return .created("/api/v1/tokens/\(created.record.id)", JSONValue.object(members).serialized())
    }

    private static let revoke = Operation(
        .delete, "/api/v1/tokens/{token}", id: "tokens.revoke", summary: "Revoke an API token",
        details: "Your own; an admin revokes those of members and admins too, an owner everybody's.",
        rule: .member(.write), parameters: [.path("token", "The token's id", .text(1...20))],
        answers: [204: .nothing("The token is worth nothing any more")]
    ) { call in
        try await call.services.signIn.accounts.revokeToken(TokenID(try call.number("token")), by: call.caller)
        return .nothing
    }
}
