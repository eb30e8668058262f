internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// What is a member's own: password, second factor, sessions.
enum AccountOperations {
    static let all = [
        get, sessions, endSession, endOtherSessions, changePassword, offerSecondFactor, confirmSecondFactor,
        removeSecondFactor, renewRecoveryCodes,
    ]

    private static let code = Schema.text(1...40).saying("of the authenticator app, or a recovery code")
    private static let codes = Schema.object([
        .required("recoveryCodes", .list(of: .text()).saying("each good once in the place of the app; shown this once"))
    ]).named("RecoveryCodes")

    private static let get = Operation(
        .get, "/api/v1/account", id: "account.get", summary: "How you sign in", rule: .member(.read),
        answers: [
            200: .json(
                "Your account",
                .object([
                    .required("email", .text()), .required("name", .text()),
                    .required("passwordChanged", .time.orNull.saying("null where you have none")),
                    .required("secondFactor", .boolean), .required("recoveryCodesLeft", .integer()),
                    .required("providers", .list(of: .text())),
                    .required("formToken", .text().orNull.saying("for forms of this session; null for a token")),
                ]).named("Account"))
        ]
    ) { call in
        let member = try call.member()
        let account = try await call.services.store.read { connection in
            (
                changed: try Passwords.changed(of: member.id, in: connection),
                isOn: try SecondFactors.isOn(for: member.id, in: connection),
                codes: try SecondFactors.recoveryCodes(of: member.id, in: connection),
                providers: try ProviderLinks.list(of: member.id, in: connection).map(\.provider)
            )
        }
        return .json { json in
            json.member("email", member.email)
            json.member("name", member.name)
            json.key("passwordChanged")
            json.value(account.changed.map { .string($0.rfc3339) } ?? .null)
            json.member("secondFactor", account.isOn)
            json.member("recoveryCodesLeft", account.codes)
            json.key("providers")
            json.array { json in account.providers.forEach { json.string($0) } }
            json.key("formToken")
            json.value(call.caller.formToken.map { .string($0) } ?? .null)
        }
    }

    private static let sessions = Operation(
        .get, "/api/v1/account/sessions", id: "account.sessions", summary: "Where you are signed in",
        rule: .member(.read),
        answers: [
            200: .json(
                "The last used first",
                .object([
                    .required(
                        "sessions",
                        .list(
                            of: .object([
                                .required("id", .text()), .required("method", .text()), .required("started", .time),
                                .required("lastUsed", .time.saying("to the minute")), .required("remote", .text()),
                                .required("agent", .text()), .required("isThis", .boolean),
                            ]).named("Session")))
                ]).named("Sessions"))
        ]
    ) { call in
        let (id, now) = (try call.member().id, call.services.now)
        let limits = call.services.authenticator.configuration.limits
        let records = try await call.services.store.read {
            try Sessions.list(of: id, limits: limits, now: now, in: $0)
        }
        return .json { json in
            json.key("sessions")
            json.array { json in
                for record in records {
                    json.object { json in
                        json.member("id", record.id.description)
                        json.member("method", record.method)
                        json.member("started", record.started.rfc3339)
                        json.member("lastUsed", record.seen.rfc3339)
                        json.member("remote", record.remote)
                        json.member("agent", record.agent)
                        json.member("isThis", call.caller.via == .session(record.id))
                    }
                }
            }
        }
    }

    private static let endSession = Operation(
        .delete, "/api/v1/account/sessions/{session}", id: "account.endSession", summary: "End one of your sessions",
        rule: .member(.write), parameters: [.path("session", "The session's id", .text(1...20))],
        answers: [204: .nothing("The session has ended")]
    ) { call in
        try await call.services.signIn.accounts.endSession(SessionID(try call.number("session")), of: call.caller)
        return .nothing
    }

    private static let endOtherSessions = Operation(
        .delete, "/api/v1/account/sessions", id: "account.endOtherSessions",
        summary: "End all of your sessions but the one that asks", rule: .member(.write),
        answers: [200: .json("How many ended", .object([.required("ended", .integer())]).named("Ended"))]
    ) { call in
        let count = try await call.services.signIn.accounts.endOtherSessions(of: call.caller)
        return .json { $0.member("ended", count) }
    }

    private static let changePassword = Operation(
        .post, "/api/v1/account/password", id: "account.changePassword", summary: "Change your password",
        details: "Takes a session. Ends your other sessions, and gives this one a new cookie.", rule: .member(.write),
        body: .json(
            .input([
                .required("current", SessionOperations.password), .required("new", SessionOperations.password),
            ])), answers: [200: .json("It is changed", SessionOperations.signedInSchema)], problems: [409, 422, 429]
    ) { call in
        let signedIn = try await call.services.signIn.accounts.changePassword(
            of: call.caller, from: call.body["current"]?.string ?? "", to: call.body["new"]?.string ?? "",
            agent: call.agent)
        return SessionOperations.answer(signedIn, call)
    }

    private static let offerSecondFactor = Operation(
        .post, "/api/v1/account/second-factor", id: "account.offerSecondFactor",
        summary: "Begin to turn on the second factor",
        details: "Takes a session. Put the secret into an authenticator app, then confirm with the code that it shows.",
        rule: .member(.write), body: .json(.input([.required("password", SessionOperations.password)])),
        answers: [
            200: .json(
                "What the app takes",
                .object([
                    .required("secret", .text().saying("base32, to type")),
                    .required("address", .text().saying("otpauth://, to show as a picture")),
                ]).named("SecondFactorOffer"))
        ], problems: [409, 429]
    ) { call in
        let offer = try await call.services.signIn.accounts.offerSecondFactor(
            to: call.caller, password: call.body["password"]?.string ?? "")
        return .json { json in
            json.member("secret", offer.secret)
            json.member("address", offer.address)
        }
    }

    private static let confirmSecondFactor = Operation(
        .put, "/api/v1/account/second-factor", id: "account.confirmSecondFactor",
        summary: "Turn on the second factor with the app's first code", rule: .member(.write),
        body: .json(.input([.required("code", code)])), answers: [200: .json("It is on", codes)],
        problems: [409, 422]
    ) { call in
        answer(
            try await call.services.signIn.accounts.confirmSecondFactor(
                of: call.caller, code: call.body["code"]?.string ?? ""))
    }

    private static let removeSecondFactor = Operation(
        .post, "/api/v1/account/second-factor/removal", id: "account.removeSecondFactor",
        summary: "Turn off the second factor", rule: .member(.write), body: proofs,
        answers: [204: .nothing("It is off")], problems: [409, 422, 429]
    ) { call in
        try await call.services.signIn.accounts.removeSecondFactor(
            of: call.caller, password: call.body["password"]?.string ?? "", code: call.body["code"]?.string ?? "")
        return .nothing
    }

    private static let renewRecoveryCodes = Operation(
        .post, "/api/v1/account/recovery-codes", id: "account.renewRecoveryCodes",
        summary: "New recovery codes in the place of those that are left", rule: .member(.write), body: proofs,
        answers: [200: .json("The new ones", codes)], problems: [409, 422, 429]
    ) { call in
        answer(
            try await call.services.signIn.accounts.renewRecoveryCodes(
                of: call.caller, password: call.body["password"]?.string ?? "", code: call.body["code"]?.string ?? ""))
    }

    private static let proofs = Body.json(
        .input([.required("password", SessionOperations.password), .required("code", code)]))

    private static func answer(_ codes: [String]) -> WebResponse {
        .json { json in
            json.key("recoveryCodes")
            json.array { json in codes.forEach { json.string($0) } }
        }
    }
}
