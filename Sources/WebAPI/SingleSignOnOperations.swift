internal import HTTPMessages
internal import SignIn
internal import SingleSignOn
internal import WebFrame
internal import WebServer

/// Coming in by the company's sign-in provider: a browser goes there and comes back.
enum SingleSignOnOperations {
    static let all = [begin, finish]

    private static let begin = Operation(
        .get, "/sign-in/sso", id: "session.beginSingleSignOn", summary: "Go to the sign-in provider",
        details: "For a browser: it is sent to the provider, and comes back with a session.", rule: .anyone,
        parameters: [.query("to", .text(0...2_000), "The path within this server to show afterwards")],
        answers: [303: .nothing("The provider's page")], problems: [404, 502]
    ) { call in
        guard let provider = call.services.provider else { throw notSet }
        let begun = try await provider.exchange.begin(returnTo: call.text("to") ?? "/")
        var response = WebResponse(status: 303, headers: ["Location": begun.url])
        response.headers["Set-Cookie"] = ticketCookie(begun.ticket, begun.lifetime, call)
        return response
    }

    /// Providers add parameters of their own; those that are known to are named, none but the first four is read.
    private static let finish = Operation(
        .get, ProviderSignIn.callbackPath, id: "session.finishSingleSignOn", summary: "Come back from the provider",
        details: "The redirect address that is registered at the provider.", rule: .anyone,
        parameters: [
            "code", "state", "error", "iss", "error_description", "error_uri", "session_state", "scope", "authuser",
            "prompt", "hd",
        ].map { .query($0, .text(0...8_192), "From the provider") },
        answers: [303: .nothing("What was wanted, with a session")], problems: [403, 404, 502]
    ) { call in
        guard let provider = call.services.provider else { throw notSet }
        let answer = SingleSignOn.Answer(query: call.request.query.map { ($0.name, $0.value) })
        let person = try await provider.exchange.finish(answer, ticket: ticket(call))
        let signedIn = try await call.services.signIn.desk.admit(
            ProviderIdentity(
                provider: person.issuer, subject: person.subject, email: person.email,
                emailVerified: person.email != nil, name: person.name, groups: person.groups ?? []), provider.policy,
            from: .init(call.caller, agent: call.agent))
        let authenticator = call.services.authenticator
        var response = WebResponse(status: 303, headers: ["Location": person.returnTo])
        response.headers.append("Set-Cookie", ticketCookie("", 0, call))
        response.headers.append(
            "Set-Cookie",
            authenticator.cookie.set(signedIn.session.secret, limits: authenticator.configuration.limits))
        return response
    }

    private static let notSet = Problem.notFound("Single sign-on is not set up on this server.")

    private static func cookieName(_ call: Call) -> String {
        call.services.authenticator.configuration.isSecure ? "__Host-drawbridge_sso" : "drawbridge_sso"
    }

    /// Lax: the provider sends the browser back from its own site.
    private static func ticketCookie(_ ticket: String, _ lifetime: Int64, _ call: Call) -> String {
        let secure = call.services.authenticator.configuration.isSecure ? "; Secure" : ""
        return "\(cookieName(call))=\(ticket); Path=/; Max-Age=\(lifetime); HttpOnly; SameSite=Lax\(secure)"
    }

    private static func ticket(_ call: Call) -> String? {
        let start = cookieName(call) + "="
        return call.request.message.headers.values(of: "Cookie").lazy
            .flatMap { $0.split(separator: ";") }.map { String($0.drop { $0 == " " }) }
            .first { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
    }
}
