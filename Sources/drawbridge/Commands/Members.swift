import AccessEngine
import AccountCommands
import AuditTrail
import Console
import Database
import FastJSON
import IssueModel
import JiraClient
import Reading
import SignIn
import Store
import Workspace

extension Command {
    static let members: [Command] =
        [memberAdd, memberList, memberRemove, memberLink, memberUnlink, memberPeople] + accounts.members

    static let accounts = AccountCommands(
        reading: { invocation, body in try await Session.with(invocation, for: .reading) { try await body($0.store) } },
        changing: { invocation, body in try await Control.with(invocation) { try await body($0.session.store) } })

    private static let emailArgument = AccountCommands.emailArgument
    private static let jsonOption = Option.flag("--json", "print it as JSON")

    private static let memberAdd = Command(
        words: ["member", "add"], summary: "Add a member: a person who may use this installation",
        arguments: [AccountCommands.newEmailArgument],
        options: AccountCommands.newMemberOptions + [
            .value("--password-file", "F", "a file with the first password; - reads standard input"), jsonOption,
        ],
        discussion: """
            Adding a member vouches that the address is this person's. In each source the member is then the one active account
            that has exactly this address, if there is one; 'member people' shows who is matched and the way out where nobody is.
            Without a password the member comes in by 'member invite' or single sign-on.
            """,
        example: "drawbridge member add ada@acme.com --role admin --name Ada"
    ) { invocation in
        let draft = try AccountCommands.newMember(invocation)
        let password = invocation.has("--password-file") ? try Secrets.read("--password-file", of: invocation) : nil
        return try await Control.with(invocation) { control in
            let added = try await SignInServices(store: control.session.store).members.add(
                draft, password: password, by: .commandLine)
            try await control.session.show(added, json: invocation.wantsJSON, heading: "Added")
            return .done
        }
    }

    private static let memberList = Command(
        words: ["member", "list"], summary: "List the members, and which Jira accounts they are",
        options: [jsonOption], example: "drawbridge member list"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let reports = try await MemberReport.all(in: session.store)
            if invocation.wantsJSON {
                var json = JSONWriter()
                json.object { json in
                    json.key("members")
                    json.array { json in reports.forEach { $0.write(to: &json) } }
                }
                Terminal.print(json.bytes)
            } else {
                if reports.isEmpty { Terminal.print("No members yet. Add one with 'drawbridge member add EMAIL'.") }
                reports.forEach { Terminal.print(Terminal.visible($0.text)) }
            }
            return .done
        }
    }

    private static let memberRemove = Command(
        words: ["member", "remove"], summary: "Remove a member with all links and own credentials",
        arguments: [emailArgument], example: "drawbridge member remove ada@acme.com"
    ) { invocation in
        try await Control.with(invocation) { control in
            let member = try await control.session.member(named: invocation.arguments[0])
            try await SignInServices(store: control.session.store).members.remove(member.id, by: .commandLine)
            Terminal.print("Removed \(Terminal.visible(member.email)).")
            return .done
        }
    }

    private static let sourceOption = Option.value("--source", "NAME", "the source")

    private static let memberLink = Command(
        words: ["member", "link"], summary: "Link a member to a Jira account, by the person's own token or by hand",
        arguments: [emailArgument],
        options: [
            sourceOption,
            .value("--account", "ID", "by hand: the account id or user key, as 'member people' shows it"),
            .value("--email", "E", "Cloud: the e-mail of the person's own Jira account"),
            .value("--token-file", "F", "a file with an API token of that account; - reads standard input"),
            .value("--pat-file", "F", "Data Center: a file with a personal access token of the person"),
            .value("--username", "U", "Data Center or Server: the person's user name"),
            .value("--password-file", "F", "a file with that user's password"), jsonOption,
        ],
        discussion: """
            A token is tried at the source's own site, which says whose it is; it is kept sealed, and what it lists is what the
            member sees of a source in mode 'linked'. By hand the word of whoever runs this command is the proof.
            """,
        example: "drawbridge member link ada@acme.com --source work --account 712020:3f1c"
    ) { invocation in
        let credential = try credential(of: invocation)
        let account = invocation.value("--account")
        guard (account == nil) != (credential == nil) else {
            throw UsageError(
                "'member link' takes either --account or the person's own credential: --email with --token-file, "
                    + "--pat-file, or --username with --password-file")
        }
        return try await Session.with(invocation, for: .writing) { session in
            let (member, source) = try await session.memberAndSource(invocation)
            var listing: ListingSummary?
            if let credential {
                listing = try await session.prove(member, source, credential, invocation.environment)
            } else if let account {
                try await session.store.write { context in
                    try IdentityLinks.set(
                        AccountID(account), for: member, source: source, at: Session.now, in: context)
                    try Session.note("identity.linked", member, source, ["account": .string(account)], in: context)
                }
            }
            try await session.show(member, json: invocation.wantsJSON, heading: "Linked")
            guard let problem = listing?.problems.first else { return .done }
            Terminal.note(
                "drawbridge: The link is kept, but what Jira shows the account could not be listed, so the member sees "
                    + "nothing by it yet. \(Terminal.visible(problem.message)) The next refresh tries again.")
            return .partlyDone
        }
    }

    private static let memberUnlink = Command(
        words: ["member", "unlink"],
        summary: "End a member's link to a source: destroy the own token, and keep the address from linking",
        arguments: [emailArgument],
        options: [
            sourceOption, .flag("--forget-refusal", "the other way round: let the address link again"), jsonOption,
        ],
        example: "drawbridge member unlink ada@acme.com --source work"
    ) { invocation in
        try await Session.with(invocation, for: .writing) { session in
            let (member, source) = try await session.memberAndSource(invocation)
            let forgets = invocation.has("--forget-refusal")
            try await session.store.write { context in
                if forgets {
                    try IdentityLinks.forgetRefusal(for: member, source: source.id, in: context)
                } else {
                    try IdentityLinks.refuse(member, source: source.id, at: Session.now, in: context)
                }
                try Session.note(forgets ? "identity.allowed" : "identity.unlinked", member, source, in: context)
            }
            try await session.show(member, json: invocation.wantsJSON, heading: forgets ? "Not refused" : "Unlinked")
            return .done
        }
    }

    private static let memberPeople = Command(
        words: ["member", "people"],
        summary: "Show who is who in a source: members matched, ambiguous and unmatched, accounts without a member",
        options: [sourceOption, jsonOption], example: "drawbridge member people --source work"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let source = try await session.memberSource(invocation)
            let table = try await session.store.read { try PeopleTable(of: source, in: $0) }
            if invocation.wantsJSON {
                Terminal.print(table.json)
            } else {
                Terminal.print(Terminal.visible(table.text()))
            }
            return .done
        }
    }
}

extension Session {
    /// The source that `--source` names.
    fileprivate func memberSource(_ invocation: Invocation) async throws -> Source {
        guard let name = invocation.value("--source") else {
            throw UsageError("'\(invocation.command.name)' needs --source NAME")
        }
        let source = try await source(named: name)
        guard source.state != .removed else {
            throw StoreError(.notFound, "'\(source.name)' was removed; add it again to use it")
        }
        return source
    }

    fileprivate func memberAndSource(_ invocation: Invocation) async throws -> (Member, Source) {
        let source = try await memberSource(invocation)
        let email = invocation.arguments[0]
        return (try await member(named: email), source)
    }

    func member(named email: String) async throws -> Member {
        try await store.read { try MemberRecords.member(named: email, in: $0) }
    }

    fileprivate static func note(
        _ action: String, _ member: Member, _ source: Source, _ more: [String: JSONValue] = [:],
        in context: WriteContext
    ) throws {
        let details = [JSONValue.Member("source", .string(source.name))] + more.map { .init($0.key, $0.value) }
        try AuditTrail.append(
            AuditOrigin.commandLine.event(action, subject: member.email, details: .object(details)), in: context)
    }

    /// Links a member by the person's own credential, and lists what Jira shows the account where the source's mode
    /// goes by that.
    fileprivate func prove(
        _ member: Member, _ source: Source, _ credential: Credential, _ environment: [String: String]
    ) async throws -> ListingSummary {
        let (transport, gateway) = (self.transport, Session.gatewayURL(environment))
        let account = try await PersonalLink(store: store, transport: transport, gatewayURL: gateway)
            .link(member, to: source, with: credential) { account, context in
                try Session.note(
                    "identity.proven", member, source, ["account": .string(account.id.rawValue)], in: context)
            }
        let access = PersonalAccess(store: store, transport: transport, gatewayURL: gateway)
        let refresh = ListingRefresh(store: store, source: source, access: access)
        return try await Terminal.whileWorking(on: "Listing what Jira shows \(account.displayName)") {
            try await refresh.run(.everything, account: account.id)
        }
    }

    /// Shows a member after a change.
    func show(_ member: Member, json: Bool, heading: String) async throws {
        let report = try await store.read { try MemberReport(member, in: $0) }
        if json {
            var writer = JSONWriter()
            report.write(to: &writer)
            Terminal.print(writer.bytes)
        } else {
            Terminal.print("\(heading): \(Terminal.visible(report.text))")
        }
    }
}
