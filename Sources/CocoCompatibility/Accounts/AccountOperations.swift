internal import Store
internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import SignIn
internal import WebFrame
internal import WebServer
internal import Workspace

/// `/account/`: signing in with a password, and who is signed in.
enum AccountOperations {
    /// What the tokens are called that a sign-in makes.
    static let tokenName = "Coco sign-in"
    /// How many of them a member has at most; the oldest end.
    private static let tokenLimit = 20

    static let all: [Operation] = [
        .coco(.post, "/account/login", "account.login", "Sign in", .anyone, handle: signIn),
        .coco(.get, "/account/profile", "account.profile", "Who is signed in", .member(.read)) { call in
            let member = try call.member()
            return Reply.json { json in
                json.member("id", member.id.description)
                json.member("name", member.name)
                json.member("email", member.email)
                json.key("roles")
                json.array { $0.string(member.role.rawValue) }
                json.key("permissions")
                json.array { json in permissions(of: call.caller).forEach { json.string($0) } }
            }
        },
    ]

    /// What the caller may do, in Coco's words for it.
    static func permissions(of caller: Caller) -> [String] {
        let reading = ["connector", "datasource", "document"].flatMap { ["coco:\($0):read", "coco:\($0):search"] }
        let changing = ["connector", "datasource"].flatMap { name in
            ["create", "update", "delete"].map { "coco:\(name):\($0)" }
        }
        return (caller.may(.member(.read)) ? reading : []) + (caller.may(.admin(.admin)) ? changing : [])
    }

    /// Signs in by e-mail address and password, and hands out a token for a day.
    ///
    /// A browser's own sign-in is another: this makes no cookie, so no other site's page can use it.
    private static func signIn(_ call: Call) async throws -> WebResponse {
        let body = try call.object()
        guard let email = try body.text("email", upTo: 254) else {
            throw Problem.invalid("email is required: every member has a password of their own")
        }
        guard let password = body["password"]?.string, password.utf8.count <= 1_024 else {
            throw Problem.invalid("password is required")
        }
        let services = call.services.signIn
        let agent = call.request.message.headers["User-Agent"] ?? ""
        let signedIn = try await services.desk.signIn(
            email: email, password: password, code: try body.text("code", upTo: 100),
            from: .init(remote: call.caller.remote, agent: agent))
        let member = signedIn.member
        // The session is only the proof with which the token is made.
        let caller = Caller(
            member: member, scopes: Scope.all(for: member.role), via: .session(signedIn.session.id),
            remote: call.caller.remote)
        try await endOldTokens(of: caller, call)
        let created = try await services.accounts.createToken(
            for: caller, name: tokenName, scopes: Scope.all(for: member.role), days: 1)
        try await services.desk.signOut(caller)
        return Reply.json { json in
            json.member("access_token", created.token)
            json.member("expire_in", 86_400)
            json.member("id", member.id.description)
            json.member("username", member.name)
            json.member("status", "ok")
        }
    }

    private static func endOldTokens(of caller: Caller, _ call: Call) async throws {
        let member = try caller.signedIn()
        let own = try await call.services.store.read { connection in
            try ApiTokens.list(of: member.id, in: connection).filter { $0.name == tokenName }
        }
        for token in own.dropFirst(tokenLimit - 1) {
            do {
                try await call.services.signIn.accounts.revokeToken(token.id, by: caller)
            } catch let error as SignInError where error.code == .notFound {
                continue
            }
        }
    }
}
