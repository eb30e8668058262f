public import Console
internal import FastJSON
internal import IssueModel
internal import SignIn
internal import Store
internal import Workspace

extension AccountCommands {
    /// Commands about API tokens.
    public var tokens: [Command] { [tokenCreate, tokenList, tokenRevoke] }

    private var tokenCreate: Command {
        Command(
            words: ["token", "create"], summary: "Make an API token for a member, and print it this once",
            options: [
                .value("--member", "EMAIL", "whose it is: it sees what this member sees"),
                .value("--scope", "SCOPES", "read (the default), write, admin; several with commas"),
                .value(
                    "--days", "N", "how long it lasts, 1 to \(ApiTokens.dayLimit) (default \(ApiTokens.defaultDays))"),
                .value("--name", "NAME", "what uses it"), .flag("--json", "print {\"token\",\"expires\"}"),
            ],
            discussion: """
                A token may do no more than its member's role allows. write includes read, admin includes both. Send it as
                'Authorization: Bearer' or 'X-API-TOKEN'.
                """,
            example: "drawbridge token create --member ada@acme.com --scope read --days 30"
        ) { invocation in
            guard let email = invocation.value("--member") else {
                throw UsageError("'token create' needs --member EMAIL")
            }
            let words = (invocation.value("--scope") ?? "read").split(separator: ",").map(String.init)
            let scopes = words.compactMap { Scope(rawValue: $0) }
            guard scopes.count == words.count, !words.isEmpty else {
                throw UsageError("--scope takes read, write and admin, several with commas between")
            }
            let days = try invocation.number("--days", in: 1...ApiTokens.dayLimit) ?? ApiTokens.defaultDays
            return try await changing(invocation) { store in
                let created = try await SignInServices(store: store).accounts.createToken(
                    for: try await Self.member(named: email, in: store),
                    name: invocation.value("--name") ?? "command line", scopes: Set(scopes), days: days,
                    by: .commandLine)
                if invocation.wantsJSON {
                    let value: JSONValue = [
                        "token": .string(created.token), "expires": .string(created.record.expires.rfc3339),
                        "id": .string(created.record.id.description),
                    ]
                    Terminal.print(value.serialized())
                } else {
                    Terminal.print(created.token)
                    Terminal.note("Token \(created.record.id), good until \(created.record.expires.rfc3339).")
                }
                return .done
            }
        }
    }

    private var tokenList: Command {
        Command(
            words: ["token", "list"], summary: "List API tokens; never the tokens themselves",
            options: [.value("--member", "EMAIL", "only this member's"), .flag("--json", "print them as JSON")],
            example: "drawbridge token list"
        ) { invocation in
            try await reading(invocation) { store in
                let (email, now) = (invocation.value("--member"), store.now)
                let rows = try await store.read { connection in
                    let member = try email.map { try MemberRecords.member(named: $0, in: connection) }
                    return try ApiTokens.list(of: member?.id, in: connection).map { token in
                        (token, try MemberRecords.member(token.member, in: connection)?.email ?? "")
                    }
                }
                if invocation.wantsJSON {
                    var json = JSONWriter()
                    json.object { json in
                        json.key("tokens")
                        json.array { json in rows.forEach { Self.write($0.0, of: $0.1, now: now, to: &json) } }
                    }
                    Terminal.print(json.bytes)
                } else {
                    if rows.isEmpty { Terminal.print("No tokens.") }
                    for (token, email) in rows {
                        let scopes = token.scopes.sorted().map(\.rawValue).joined(separator: ",")
                        let used = token.lastUsed.map { "last used \($0.rfc3339)" } ?? "never used"
                        let end = token.expires <= now ? "expired" : "until"
                        Terminal.print(
                            Terminal.visible(
                                "\(token.id)  \(email)  \(token.name)  \(scopes)  \(end) \(token.expires.rfc3339), \(used)"
                            )
                        )
                    }
                }
                return .done
            }
        }
    }

    private var tokenRevoke: Command {
        Command(
            words: ["token", "revoke"], summary: "Revoke an API token: it is worth nothing from then on",
            arguments: [Command.Argument(name: "ID", help: "its number, as 'token list' shows it")],
            example: "drawbridge token revoke 3"
        ) { invocation in
            guard let id = Int64(invocation.arguments[0]), id > 0 else {
                throw UsageError("'token revoke' takes the number that 'token list' shows, not the token itself")
            }
            return try await changing(invocation) { store in
                try await SignInServices(store: store).accounts.revokeToken(TokenID(id), by: .commandLine)
                Terminal.print("Revoked token \(id).")
                return .done
            }
        }
    }

    private static func write(_ token: ApiTokens.Record, of email: String, now: Timestamp, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", token.id.description)
            json.member("member", email)
            json.member("name", token.name)
            json.key("scopes")
            json.array { json in token.scopes.sorted().forEach { json.string($0.rawValue) } }
            json.member("created", token.created.rfc3339)
            json.member("expires", token.expires.rfc3339)
            json.member("expired", token.expires <= now)
            json.member("lastUsed", token.lastUsed?.rfc3339)
        }
    }
}
