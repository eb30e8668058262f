internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// Coming in and going out.
enum SessionOperations {
    static let all = [signIn, signOut, viewLink, acceptLink, setUp]

    static let password = Schema.text(0...PasswordRules.byteLimit)
    private static let secret = Schema.text(1...200).saying("what stands behind # in the link")

    private static let signedIn = Schema.object([
        .required("member", .object(memberProperties)), .required("formToken", .text()),
    ]).named("SignedIn")

    private static let memberProperties: [Schema.Property] = [
        .required("id", .text(1...20)), .required("email", .text()), .required("name", .text()),
        .required("role", .choice(of: Member.Role.self)),
    ]

    private static let signIn = Operation(
        .post, "/api/v1/session", id: "session.signIn", summary: "Sign in by password",
        details: """
            The answer sets the session's cookie. Every further request that changes something sends `X-Drawbridge: 1`, and comes
            from this server's own pages; so does this one. Where the second factor is on, the first try is answered
            `second_factor_needed`, and the same with `code` lets in. Whether an address is a member's is not told.
            """,
        rule: .anyone,
        body: .json(
            .input([
                .required("email", .text(0...254)), .required("password", password),
                .optional("code", .text(0...40).saying("of the authenticator app, or a recovery code")),
            ])), answers: [200: .json("You are in", signedIn)], problems: [403, 429]
    ) { call in
        try ownPages(call)
        let signedIn = try await call.services.signIn.desk.signIn(
            email: call.body["email"]?.string ?? "", password: call.body["password"]?.string ?? "",
            code: call.body["code"]?.string, from: .init(call.caller, agent: call.agent))
        return answer(signedIn, call)
    }

    private static let signOut = Operation(
        .delete, "/api/v1/session", id: "session.signOut", summary: "Sign out", rule: .member(.read),
        answers: [204: .nothing("The session has ended")]
    ) { call in
        try await call.services.signIn.desk.signOut(call.caller)
        var response = WebResponse.nothing
        response.headers["Set-Cookie"] = call.services.authenticator.cookie.clear
        return response
    }

    private static let viewLink = Operation(
        .post, "/api/v1/links/view", id: "links.view", summary: "What a link for one use is for",
        details: "The link's secret is sent in the body, so that no log has it. Looking does not use it up.",
        rule: .anyone, body: .json(.input([.required("secret", secret)])),
        answers: [
            200: .json(
                "The link",
                .object([
                    .required("kind", .choice(of: OneUseLinks.Kind.self)), .required("email", .text().orNull),
                    .required("expires", .time),
                ]).named("LinkView"))
        ], problems: [404]
    ) { call in
        let view = try await call.services.signIn.desk.view(link: call.body["secret"]?.string ?? "")
        return .json { json in
            json.member("kind", view.link.kind.rawValue)
            json.key("email")
            json.value(view.member.map { .string($0.email) } ?? .null)
            json.member("expires", view.link.expires.rfc3339)
        }
    }

    private static let acceptLink = Operation(
        .post, "/api/v1/links/accept", id: "links.accept", summary: "Set a password with an invitation or reset link",
        details: """
            Ends every session of the member and lets in, as signing in does. Where the second factor is on nobody is let in: sign in
            with the new password and a code.
            """,
        rule: .anyone, body: .json(.input([.required("secret", secret), .required("password", password)])),
        answers: [200: .json("You are in", signedIn), 204: .nothing("The password is set; sign in with a code")],
        problems: [403, 404, 422]
    ) { call in
        try ownPages(call)
        let signedIn = try await call.services.signIn.desk.accept(
            link: call.body["secret"]?.string ?? "", password: call.body["password"]?.string ?? "",
            from: .init(call.caller, agent: call.agent))
        return signedIn.map { answer($0, call) } ?? .nothing
    }

    private static let setUp = Operation(
        .post, "/api/v1/setup", id: "links.setUp", summary: "Become the first owner, with the setup link",
        details:
            "The server prints the link when it starts without an owner. Good for a day, and until there is an owner.",
        rule: .anyone,
        body: .json(
            .input([
                .required("secret", secret), .required("email", .text(3...254)), .optional("name", .text(1...200)),
                .required("password", password),
            ])), answers: [200: .json("You own this installation", signedIn)], problems: [403, 404, 409, 422]
    ) { call in
        try ownPages(call)
        let signedIn = try await call.services.signIn.desk.setUp(
            link: call.body["secret"]?.string ?? "", email: call.body["email"]?.string ?? "",
            name: call.body["name"]?.string, password: call.body["password"]?.string ?? "",
            from: .init(call.caller, agent: call.agent))
        return answer(signedIn, call)
    }

    /// No session vouches for these requests yet, so they are asked for the same proof apart: another site must not sign
    /// somebody in as somebody else.
    private static func ownPages(_ call: Call) throws {
        try call.services.authenticator.crossSiteCheck.require(call.request.message)
    }

    static func answer(_ signedIn: SignInDesk.SignedIn, _ call: Call) -> WebResponse {
        let member = signedIn.member
        var response = WebResponse.json { json in
            json.key("member")
            json.object { json in
                json.member("id", member.id.description)
                json.member("email", member.email)
                json.member("name", member.name)
                json.member("role", member.role.rawValue)
            }
            json.member("formToken", Authenticator.formToken(of: signedIn.session.secret))
        }
        let authenticator = call.services.authenticator
        response.headers["Set-Cookie"] = authenticator.cookie.set(
            signedIn.session.secret, limits: authenticator.configuration.limits)
        return response
    }

    static let signedInSchema = signedIn
}
