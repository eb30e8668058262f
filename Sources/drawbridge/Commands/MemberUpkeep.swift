import IssueModel
import Console
import FastJSON
import SignIn
import Workspace

extension Command {
    static let memberUpkeep: [Command] = [memberInvite, memberLinkAgain, memberChange]

    static let newEmailArgument = Argument(
        name: "EMAIL", help: "the person's e-mail address, exactly as their mail uses it")
    static let newMemberOptions: [Option] = [
        .value("--role", "ROLE", "owner, admin or member (the default); no role shows more of Jira than another"),
        .value("--name", "NAME", "what to call the person"),
        .flag("--unverified", "do not vouch for the address: it then links to no Jira account by itself"),
    ]

    static func newMember(_ invocation: Invocation) throws -> MemberAdministration.Draft {
        .init(
            email: invocation.arguments[0], name: invocation.value("--name"),
            role: try invocation.choice("--role", Member.Role.self) ?? .member,
            emailVerified: !invocation.has("--unverified"))
    }

    private static let linkJSON = Option.flag("--json", "print {\"url\",\"expires\"}")
    private static let publicURL = Option.value(
        "--public-url", "URL", "where people reach the server (else DRAWBRIDGE_PUBLIC_URL)")

    private static let memberInvite = Command(
        words: ["member", "invite"], summary: "Add a member, and print the link by which they set a password",
        arguments: [newEmailArgument], options: newMemberOptions + [publicURL, linkJSON],
        discussion: "The link is good for 7 days, once. Hand it to the person in a way that nobody else reads.",
        example: "drawbridge member invite ada@acme.com --name Ada"
    ) { invocation in
        let draft = try newMember(invocation)
        return try await Control.with(invocation) { control in
            let invited = try await control.session.signIn.members.invite(draft, by: .commandLine)
            show(invited.link, invocation)
            return .done
        }
    }

    private static let memberLinkAgain = Command(
        words: ["member", "reset-link"], summary: "Print a link by which a member sets a new password",
        arguments: [emailArgument], options: [publicURL, linkJSON],
        discussion: """
            Good once; a day, or 7 days for a member who never had a password. It takes the place of an earlier one. Using it ends the
            member's sessions; the second factor stays, unless 'member change --no-second-factor' takes it away.
            """,
        example: "drawbridge member reset-link ada@acme.com"
    ) { invocation in
        try await Control.with(invocation) { control in
            let member = try await control.session.member(named: invocation.arguments[0])
            show(try await control.session.signIn.members.makeLink(for: member.id, by: .commandLine).link, invocation)
            return .done
        }
    }

    private static let memberChange = Command(
        words: ["member", "change"], summary: "Change a member's role or name, suspend one, or let one in again",
        arguments: [emailArgument],
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
        return try await Control.with(invocation) { control in
            let members = control.session.signIn.members
            let id = try await control.session.member(named: invocation.arguments[0]).id
            let changed = try await members.change(id, change, by: .commandLine)
            if invocation.has("--no-second-factor") {
                _ = try await members.removeSecondFactor(of: id, by: .commandLine)
            }
            if invocation.has("--end-sessions") { _ = try await members.endSessions(of: id, by: .commandLine) }
            try await control.session.show(changed, json: invocation.wantsJSON, heading: "Now")
            return .done
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

extension Session {
    /// What signs members in and looks after them.
    var signIn: SignInServices { SignInServices(store: store) }
}
