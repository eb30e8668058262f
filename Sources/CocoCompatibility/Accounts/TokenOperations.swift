internal import Workspace
internal import Store
internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import SignIn
internal import WebFrame
internal import WebServer

/// `/auth/access_token`: a member's own API tokens.
enum TokenOperations {
    /// Days that a token lasts, as Coco's do.
    private static let days = 365

    static let all: [Operation] = [
        .coco(.post, "/auth/access_token", "token.create", "Make an API token", .member(.read), handle: create),
        .coco(.get, "/auth/access_token/_search", "token.search", "Your API tokens", .member(.read)) { call in
            let member = try call.member()
            let listing = try RecordListing(call)
            let tokens = try await call.services.store.read { try ApiTokens.list(of: member.id, in: $0) }
            return listing.reply(tokens.map { ($0.id.description, record($0)) }, index: "access_token")
        },
        .coco(.delete, "/auth/access_token/{id}", "token.delete", "End an API token", .member(.write)) { call in
            let id = call.path("id")
            guard let number = Int64(id) else { return Reply.nothingToChange(id) }
            do {
                try await call.services.signIn.accounts.revokeToken(TokenID(number), by: call.caller)
                return Reply.done(.deleted, id)
            } catch let error as SignInError where error.code == .notFound {
                return Reply.nothingToChange(id)
            }
        },
    ]

    /// Makes a token that may no more than the caller. Its secret is told this once.
    private static func create(_ call: Call) async throws -> WebResponse {
        let body = try call.json()
        var scopes = call.caller.scopes
        if let wanted = body["permissions"], !wanted.isNull {
            guard let names = wanted.array?.map(\.string), names.allSatisfy({ $0 != nil }) else {
                throw Problem.invalid("permissions must be a list of strings.")
            }
            scopes = scopes.intersection(Scope.closure(of: Set(names.compactMap { scope(of: $0 ?? "") })))
        }
        let name = try body.text("name", upTo: 200) ?? ""
        let created = try await call.services.signIn.accounts.createToken(
            for: call.caller, name: name.isEmpty ? "Coco" : name, scopes: scopes, days: days)
        return Reply.json { json in
            json.member("access_token", created.token)
            json.member("expire_in", Int(created.record.expires.rawValue / 1_000))
            json.member("id", created.record.id.description)
            json.member("status", "ok")
        }
    }

    /// Permissions that end with reading or searching need to read; every other one to administer.
    private static func scope(of permission: String) -> Scope {
        let action = permission.split { $0 == ":" || $0 == "/" || $0 == "#" }.last ?? ""
        return ["read", "search", "view", "list"].contains(action) ? .read : .admin
    }

    private static func record(_ token: ApiTokens.Record) -> JSONValue {
        JSONValue.record(
            ("id", .string(token.id.description)), ("name", .string(token.name)),
            ("created", .string(token.created.rfc3339)), ("expire_in", .integer(token.expires.rawValue / 1_000)),
            ("last_used", token.lastUsed.map { .string($0.rfc3339) }),
            ("permissions", .array(token.scopes.sorted().map { .string($0.rawValue) })))
    }
}
