internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// Looking after members.
enum MemberOperations {
    static let all = [
        list, add, get, change, remove, makeLink, endSessions, removeSecondFactor, tokens,
    ]

    private static let path = "/api/v1/members/{member}"
    private static let memberParameter = Parameter.path("member", "The member's id", .text(1...20))
    private static let role = Schema.choice(of: Member.Role.self).saying(
        "only owners make owners; no role shows more of Jira than another")

    private static let list = Operation(
        .get, "/api/v1/members", id: "members.list", summary: "List the members", rule: .admin(.read),
        parameters: [
            .query("limit", .integer(1...500), "How many at most; 100 where it is not given"),
            .query("cursor", .text(1...1_024), "Where the page before ended"),
        ],
        answers: [
            200: .json(
                "Members by address",
                .object([
                    .required("total", .integer()), .required("members", .list(of: MemberView.schema)),
                    .optional("cursor", .text()),
                ]).named("Members"))
        ]
    ) { call in
        let after = try ListCursor.decode(call.text("cursor"), of: "members")?.integer ?? 0
        let (limit, now) = (call.integer("limit") ?? 100, call.services.now)
        let (page, total) = try await call.services.store.read { connection in
            let members = try MemberRecords.list(in: connection)
            return (
                try members.dropFirst(max(0, after)).prefix(limit).map { try MemberView($0, now: now, in: connection) },
                members.count
            )
        }
        return .json { json in
            json.member("total", total)
            json.key("members")
            json.array { json in page.forEach { $0.write(to: &json) } }
            if after + page.count < total, !page.isEmpty {
                json.member("cursor", ListCursor.encode(.integer(Int64(after + page.count)), of: "members"))
            }
        }
    }

    private static let add = Operation(
        .post, "/api/v1/members", id: "members.add", summary: "Add a member, with an invitation to set a password",
        details: """
            Adding somebody vouches that the address is theirs, unless `emailVerified` is false: a verified address links to the
            Jira account that has it. Hand the link to the person; it is shown this once.
            """,
        rule: .admin(.admin),
        body: .json(
            .input([
                .required("email", .text(3...254)), .optional("name", .text(1...200)), .optional("role", role),
                .optional("emailVerified", .boolean),
                .optional("invite", .boolean.saying("false for who comes in by single sign-on; true where not given")),
            ])),
        answers: [
            201: .json(
                "The member and the link",
                .object([.required("member", MemberView.schema), .required("link", LinkView.schema.orNull)])
                    .named("AddedMember"))
        ], problems: [409, 422]
    ) { call in
        let draft = MemberAdministration.Draft(
            email: call.body["email"]?.string ?? "", name: call.body["name"]?.string,
            role: call.body["role"]?.string.flatMap { Member.Role(rawValue: $0) } ?? .member,
            emailVerified: call.body["emailVerified"]?.bool ?? true)
        let (authority, members) = (try Authority(call.caller), call.services.signIn.members)
        let added: (member: Member, link: OneUseLinks.Created?)
        if call.body["invite"]?.bool ?? true {
            let invited = try await members.invite(draft, by: authority)
            added = (invited.member, invited.link)
        } else {
            added = (try await members.add(draft, by: authority), nil)
        }
        let view = try await view(added.member, call)
        var json = JSONWriter()
        json.object { json in
            json.key("member")
            view.write(to: &json)
            json.key("link")
            json.value(added.link.map { LinkView.value($0, call.services.publicURL) } ?? .null)
        }
        return .created("/api/v1/members/\(added.member.id)", json.bytes)
    }

    private static let get = Operation(
        .get, path, id: "members.get", summary: "One member", rule: .admin(.read), parameters: [memberParameter],
        answers: [200: .json("The member", MemberView.schema)]
    ) { call in .json(try await view(try await member(call), call).json) }

    private static let change = Operation(
        .patch, path, id: "members.change", summary: "Change a member's name, role or state",
        details: """
            Another role, or suspending, ends the member's sessions at once; the last active owner stays one. A suspended member's
            tokens rest. What is not given stays as it is.
            """,
        rule: .admin(.admin), parameters: [memberParameter],
        body: .json(
            .input([
                .optional("name", .text(1...200)), .optional("role", role),
                .optional("state", .choice(of: Member.State.self)), .optional("emailVerified", .boolean),
            ])), answers: [200: .json("The member as it is now", MemberView.schema)], problems: [409, 422]
    ) { call in
        let change = MemberAdministration.Change(
            name: call.body["name"]?.string, role: call.body["role"]?.string.flatMap { Member.Role(rawValue: $0) },
            state: call.body["state"]?.string.flatMap { Member.State(rawValue: $0) },
            emailVerified: call.body["emailVerified"]?.bool)
        let changed = try await call.services.signIn.members.change(
            try await member(call).id, change, by: try Authority(call.caller))
        return .json(try await view(changed, call).json)
    }

    private static let remove = Operation(
        .delete, path, id: "members.remove", summary: "Remove a member with all that is theirs",
        details: "Sessions, tokens, links to Jira accounts and own Jira credentials go with the member.",
        rule: .admin(.admin), parameters: [memberParameter], answers: [204: .nothing("The member is gone")],
        problems: [409]
    ) { call in
        try await call.services.signIn.members.remove(
            MemberID(try call.number("member")), by: try Authority(call.caller))
        return .nothing
    }

    private static let makeLink = Operation(
        .post, path + "/link", id: "members.makeLink", summary: "Make a link by which a member sets a new password",
        details:
            "An invitation where the member has none yet. It takes the place of an earlier one, and is shown this once.",
        rule: .admin(.admin), parameters: [memberParameter],
        answers: [201: .json("The link", LinkView.schema)], problems: [409]
    ) { call in
        let made = try await call.services.signIn.members.makeLink(
            for: MemberID(try call.number("member")), by: try Authority(call.caller))
        return .json(LinkView.value(made.link, call.services.publicURL).serialized(), status: 201)
    }

    private static let endSessions = Operation(
        .delete, path + "/sessions", id: "members.endSessions", summary: "End every session of a member",
        rule: .admin(.admin), parameters: [memberParameter],
        answers: [200: .json("How many ended", .object([.required("ended", .integer())]).named("Ended"))]
    ) { call in
        let count = try await call.services.signIn.members.endSessions(
            of: MemberID(try call.number("member")), by: try Authority(call.caller))
        return .json { $0.member("ended", count) }
    }

    private static let removeSecondFactor = Operation(
        .delete, path + "/second-factor", id: "members.removeSecondFactor",
        summary: "Turn off the second factor of a member who lost it", rule: .admin(.admin),
        parameters: [memberParameter], answers: [204: .nothing("It is off, and the member's sessions have ended")]
    ) { call in
        let wasOn = try await call.services.signIn.members.removeSecondFactor(
            of: MemberID(try call.number("member")), by: try Authority(call.caller))
        guard wasOn else { throw Problem.notFound("The member has no second factor.") }
        return .nothing
    }

    private static let tokens = Operation(
        .get, path + "/tokens", id: "members.tokens", summary: "A member's API tokens", rule: .admin(.read),
        parameters: [memberParameter], answers: [200: .json("The newest first", TokenView.listSchema)]
    ) { call in
        let id = try await member(call).id
        let tokens = try await call.services.store.read { try ApiTokens.list(of: id, in: $0) }
        return TokenView.list(tokens, now: call.services.now)
    }

    private static func member(_ call: Call) async throws -> Member {
        let id = MemberID(try call.number("member"))
        guard let member = try await call.services.store.read({ try MemberRecords.member(id, in: $0) }) else {
            throw Problem.notFound()
        }
        return member
    }

    private static func view(_ member: Member, _ call: Call) async throws -> MemberView {
        let now = call.services.now
        return try await call.services.store.read { try MemberView(member, now: now, in: $0) }
    }
}
