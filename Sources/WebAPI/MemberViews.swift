internal import HTTPMessages
internal import Database
internal import FastJSON
internal import IssueModel
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// A member as the API shows one to whoever administers members.
struct MemberView: Sendable {
    let member: Member
    let hasPassword: Bool
    let hasSecondFactor: Bool
    let invitedUntil: Timestamp?
    let providers: [String]

    init(_ member: Member, now: Timestamp, in connection: Connection) throws {
        self.member = member
        hasPassword = try Passwords.changed(of: member.id, in: connection) != nil
        hasSecondFactor = try SecondFactors.isOn(for: member.id, in: connection)
        invitedUntil = try OneUseLinks.expiry(.invitation, of: member.id, now: now, in: connection)
        providers = try ProviderLinks.list(of: member.id, in: connection).map(\.provider)
    }

    static let schema = Schema.object([
        .required("id", .text(1...20)), .required("email", .text(1...254)), .required("name", .text()),
        .required("role", .choice(of: Member.Role.self)), .required("state", .choice(of: Member.State.self)),
        .required("emailVerified", .boolean.saying("whether somebody vouches that the address is this person's")),
        .required("added", .time), .required("hasPassword", .boolean), .required("hasSecondFactor", .boolean),
        .required("invitedUntil", .time.orNull.saying("until when an unused invitation is good")),
        .required("providers", .list(of: .text()).saying("identity providers by which the member came in")),
    ]).named("Member")

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", member.id.description)
            json.member("email", member.email)
            json.member("name", member.name)
            json.member("role", member.role.rawValue)
            json.member("state", member.state.rawValue)
            json.member("emailVerified", member.emailVerified)
            json.member("added", member.added.rfc3339)
            json.member("hasPassword", hasPassword)
            json.member("hasSecondFactor", hasSecondFactor)
            json.key("invitedUntil")
            json.value(invitedUntil.map { .string($0.rfc3339) } ?? .null)
            json.key("providers")
            json.array { json in providers.forEach { json.string($0) } }
        }
    }

    var json: [UInt8] {
        var json = JSONWriter()
        write(to: &json)
        return json.bytes
    }
}

/// A link for one use as it is shown to whoever made it, once.
enum LinkView {
    static let schema = Schema.object([
        .required("kind", .choice(of: OneUseLinks.Kind.self)),
        .required("url", .text().saying("to hand to the person; only the path where the public address is not known")),
        .required("expires", .time),
    ]).named("OneUseLink")

    static func value(_ link: OneUseLinks.Created, _ publicURL: String?) -> JSONValue {
        var base = publicURL ?? ""
        if base.hasSuffix("/") { base.removeLast() }
        return [
            "kind": .string(link.kind.rawValue), "url": .string(base + link.path),
            "expires": .string(link.expires.rfc3339),
        ]
    }
}

/// An API token as lists show it: never its text.
enum TokenView {
    static let properties: [Schema.Property] = [
        .required("id", .text(1...20)), .required("name", .text()),
        .required("scopes", .list(of: .choice(of: Scope.self))), .required("created", .time),
        .required("expires", .time), .required("expired", .boolean),
        .required("lastUsed", .time.orNull.saying("to the minute")),
    ]

    static let schema = Schema.object(properties).named("Token")

    static func members(_ token: ApiTokens.Record, now: Timestamp) -> [JSONValue.Member] {
        [
            .init("id", .string(token.id.description)), .init("name", .string(token.name)),
            .init("scopes", .array(token.scopes.sorted().map { .string($0.rawValue) })),
            .init("created", .string(token.created.rfc3339)), .init("expires", .string(token.expires.rfc3339)),
            .init("expired", .bool(token.expires <= now)),
            .init("lastUsed", token.lastUsed.map { .string($0.rfc3339) } ?? .null),
        ]
    }

    static func list(_ tokens: [ApiTokens.Record], now: Timestamp) -> WebResponse {
        .json { json in
            json.member("total", tokens.count)
            json.key("tokens")
            json.value(.array(tokens.map { .object(members($0, now: now)) }))
        }
    }

    static let listSchema = Schema.object([
        .required("total", .integer()), .required("tokens", .list(of: schema)),
    ]).named("Tokens")
}

extension Call {
    /// Our number that a `{name}` of the path stands for.
    ///
    /// - Throws: ``Problem`` 404 for what can't be one.
    func number(_ name: String) throws(Problem) -> Int64 {
        guard let number = Int64(path(name)), number > 0, String(number) == path(name) else { throw .notFound() }
        return number
    }

    /// What the browser says it is.
    var agent: String { request.message.headers["User-Agent"] ?? "" }
}
