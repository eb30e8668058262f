internal import IssueModel
public import Console
internal import FastJSON
internal import IssueModel
internal import Reading
public import SignIn
internal import Store
internal import Workspace

extension AccountCommands {
    /// Commands that look after members.
    public var members: [Command] { [memberInvite, memberLinkAgain, memberChange] }

    /// Names a member that there is.
    public static let emailArgument = Command.Argument(name: "EMAIL", help: "the member's e-mail address")
    /// Names a member to be.
    public static let newEmailArgument = Command.Argument(
        name: "EMAIL", help: "the person's e-mail address, exactly as their mail uses it")
    /// What may be said of a new member.
    public static let newMemberOptions: [Command.Option] = [
        .value("--role", "ROLE", "owner, admin or member (the default); no role shows more of Jira than another"),
        .value("--name", "NAME", "what to call the person"),
        .flag("--unverified", "do not vouch for the address: it then links to no Jira account by itself"),
    ]

    /// The member that a command line describes.
    public static func newMember(_ invocation: Invocation) throws -> MemberAdministration.Draft {
        .init(
            email: invocation.arguments[0], name: invocation.value("--name"),
            role: try invocation.choice("--role", Member.Role.self) ?? .member,
            emailVerified: !invocation.has("--unverified"))
    }

    private static let linkJSON = Command.Option.flag("--json", "print {\"url\",\"expires\"}")
    private static let publicURL = Command.Option.value(
        "--public-url", "URL", "where people reach the server (else DRAWBRIDGE_PUBLIC_URL)")

    private var memberInvite: Command {
        Command(
            words: ["member", "invite"], summary: "Add a member, and print the link by which they set a password",
            arguments: [Self.newEmailArgument], options: Self.newMemberOptions + [Self.publicURL, Self.linkJSON],
            discussion: "The link is good for 7 days, once. Hand it to the person in a way that nobody else reads.",
            example: "drawbridge member invite ada@acme.com --name Ada"
        ) { invocation in
            let draft = try Self.newMember(invocation)
            return try await changing(invocation) { store in
                let invited = try await SignInServices(store: store).members.invite(draft, by: .commandLine)
                Self.show(invited.link, invocation)
                return .done
            }
        }
    }

    private var memberLinkAgain: Command {
        Command(
            words: ["member", "reset-link"], summary: "Print a link by which a member sets a new password",
            arguments: [Self.emailArgument], options: [Self.publicURL, Self.linkJSON],
            discussion: """
                Good once; a day, or 7 days for a member who never had a password. It takes the place of an earlier one. Using it ends the
                member's sessions; the second factor stays, unless 'member change --no-second-factor' takes it away.
                """,
            example: "drawbridge member reset-link ada@acme.com"
        ) { invocation in
            try await changing(invocation) { store in
                let member = try await Self.member(named: invocation.arguments[0], in: store)
                Self.show(
                    try await SignInServices(store: store).members.makeLink(for: member.id, by: .commandLine).link,
                    invocation)
                return .done
            }
        }
    }

    private var memberChange: Command {
        Command(
            words: ["member", "change"], summary: "Change a member's role or name, suspend one, or let one in again",
            arguments: [Self.emailArgument],
            options: [
                .value("--role", "ROLE", "owner, admin or member"), .value("--name", "NAME", "what to call the person"),
                .flag("--suspend", "keep the member, but let nobody in as them; sessions end, tokens rest"),
                .flag("--resume", "let a suspended member in again"),
                .flag("--verified", "vouch that the address is this person's"),
                .flag("--no-second-factor", "turn the second factor off, for one who lost it"),
                .flag("--end-sessions", "end every session of the member"), .flag("--json", "print the member as JSON"),
            ],
            discussion: "The last active owner stays one. Another role ends the member's sessions.",
            example: "drawbridge member change ada@acme.com --role admin"
        ) { invocation in
            guard !(invocation.has("--suspend") && invocation.has("--resume")) else {
                throw UsageError("--suspend and --resume contradict each other")
            }
            let change = MemberAdministration.Change(
                name: invocation.value("--name"), role: try invocation.choice("--role", Member.Role.self),
                state: invocation.has("--suspend") ? .suspended : invocation.has("--resume") ? .active : nil,
                emailVerified: invocation.has("--verified") ? true : nil)
            return try await changing(invocation) { store in
                let members = SignInServices(store: store).members
                let id = try await Self.member(named: invocation.arguments[0], in: store).id
                let changed = try await members.change(id, change, by: .commandLine)
                if invocation.has("--no-second-factor") {
                    _ = try await members.removeSecondFactor(of: id, by: .commandLine)
                }
                if invocation.has("--end-sessions") { _ = try await members.endSessions(of: id, by: .commandLine) }
                try await Self.show(changed, in: store, json: invocation.wantsJSON)
                return .done
            }
        }
    }

    private static func show(_ link: OneUseLinks.Created, _ invocation: Invocation) {
        var base = invocation.value("--public-url") ?? invocation.environment["DRAWBRIDGE_PUBLIC_URL"] ?? ""
        if base.hasSuffix("/") { base.removeLast() }
        if invocation.wantsJSON {
            let value: JSONValue = ["url": .string(base + link.path), "expires": .string(link.expires.rfc3339)]
            Terminal.print(value.serialized())
        } else {
            Terminal.print(Terminal.visible(base + link.path))
            let hint = base.isEmpty ? " Put the server's address before it (DRAWBRIDGE_PUBLIC_URL does)." : ""
            Terminal.note("Good once, until \(link.expires.rfc3339).\(hint)")
        }
    }
}

extension AccountCommands {
    static func member(named email: String, in store: Store) async throws -> Member {
        try await store.read { try MemberRecords.member(named: email, in: $0) }
    }

    private static func show(_ member: Member, in store: Store, json: Bool) async throws {
        let report = try await store.read { try MemberReport(member, in: $0) }
        if json {
            var writer = JSONWriter()
            report.write(to: &writer)
            Terminal.print(writer.bytes)
        } else {
            Terminal.print("Now: \(Terminal.visible(report.text))")
        }
    }
}
